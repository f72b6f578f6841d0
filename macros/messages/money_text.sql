{#
    An amount in the currency of the brand of its row, not negative, as a language writes it: 1,234.50 EUR; 177,000원;
    1,234.50 元. A brand without a currency has the number alone. Null for null.
#}
{% macro money_text(amount, language, brand_column='brand_id') -%}
    {#- currencies without two decimals -#}
    {%- set decimals_of = {
        'BIF': 0, 'CLP': 0, 'DJF': 0, 'GNF': 0, 'ISK': 0, 'JPY': 0, 'KMF': 0, 'KRW': 0, 'PYG': 0, 'RWF': 0, 'UGX': 0,
        'UYI': 0, 'VND': 0, 'VUV': 0, 'XAF': 0, 'XOF': 0, 'XPF': 0,
        'BHD': 3, 'IQD': 3, 'JOD': 3, 'KWD': 3, 'LYD': 3, 'OMR': 3, 'TND': 3,
    } -%}
    {%- set unit_of = {('ko', 'KRW'): '원', ('zh', 'CNY'): ' 元'} -%}
    {%- set groups = brands_by_value('currency') -%}
    case
    {%- for group in groups %}
        {%- set currency = group.value %}
        {%- set unit = '' if currency is none else unit_of.get((language, currency), ' ' ~ currency) %}
        when {{ brand_column }} in ({{ sql_text_list(group.brands) }})
            then {{ _amount_text(amount, decimals_of.get(currency, 2)) }} || {{ sql_text(unit) }}
    {%- endfor %}
    end
{%- endmacro %}

{# An amount with so many decimals. #}
{% macro _amount_text(amount, decimals) -%}
    {%- set exact = 'cast(' ~ amount ~ ' as ' ~ type_decimal(38, 6) ~ ')' -%}
    {%- set smallest_units = 'cast(round(' ~ exact ~ ' * ' ~ 10 ** decimals ~ ') as bigint)' -%}
    {{ whole_number_text('floor(' ~ smallest_units ~ ' / ' ~ 10 ** decimals ~ '.0)') }}
    {%- if decimals %}
    || '.' || lpad(
        cast(mod({{ smallest_units }}, {{ 10 ** decimals }}) as {{ dbt.type_string() }}), {{ decimals }}, '0'
    )
    {%- endif -%}
{%- endmacro %}
