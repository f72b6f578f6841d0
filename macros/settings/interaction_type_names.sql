{#
    In the order of the shipped seed `interaction_types`. Settings are read before any seed is loaded, so the names
    stand here too, and a data test keeps the two equal: a new line in the seed needs one here.
#}
{% macro interaction_type_names() %}
    {{ return([
        'ad_view', 'ad_click', 'site_visit',
        'sign_up', 'newsletter_sign_up', 'product_view', 'product_compare', 'wishlist_add', 'cart_add',
        'cart_abandoned',
        'email_open', 'email_click', 'sns_like', 'sns_comment', 'coupon_redeem', 'membership_join', 'service_use',
        'support_ticket', 'support_chat', 'support_call',
        'email_reply', 'phone_call', 'store_visit', 'sns_message',
        'referral', 'review', 'sns_share',
    ]) }}
{% endmacro %}
