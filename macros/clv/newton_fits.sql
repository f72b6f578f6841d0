{#
    Newton's method for several fits at once, on the logarithms of their parameters: a round is one query for all.
#}
{% macro newton_fits(fits, evaluate, precision) %}
    {% set bound = 12.0 %}
    {% set size = fits[0].theta | length if fits else 0 %}
    {% for fit in fits %}
        {% do fit.update({
            'trial': fit.theta, 'value': none, 'gain': none, 'last_step': none, 'iterations': 0, 'halvings': 0,
            'status': none,
        }) %}
    {% endfor %}

    {% for round in range(200) %}
        {% set running = fits | selectattr('status', 'none') | list %}
        {% if not running %}
            {{ return(fits) }}
        {% endif %}
        {% set found = evaluate(running) %}
        {% for fit in running %}
            {% set at_trial = found[fit.id] %}
            {% set value = at_trial.value %}
            {% if fit.value is not none and value < fit.value - 1e-12 * (fit.value | abs) %}
                {#- the step went too far: half of it, from where it began -#}
                {% do fit.update({'halvings': fit.halvings + 1, 'last_step': none}) %}
                {% set shorter = [] %}
                {% for i in range(size) %}
                    {% do shorter.append(fit.theta[i] + (fit.trial[i] - fit.theta[i]) / 2) %}
                {% endfor %}
                {% do fit.update({'trial': shorter}) %}
                {% if fit.halvings > 30 %}
                    {% do fit.update({'status': 'ok' if (fit.gain | abs) < 1e-6 else 'not_converged'}) %}
                {% endif %}
            {% else %}
                {% set is_first = fit.value is none %}
                {% do fit.update({
                    'theta': fit.trial, 'value': value, 'halvings': 0,
                    'iterations': fit.iterations + (0 if is_first else 1),
                }) %}
                {% set step = _newton_step(fit.theta, at_trial.gradient, at_trial.hessian, bound) %}
                {% set next_trial = [] %}
                {% set longest = namespace(step=0.0, gain=0.0) %}
                {% for i in range(size) %}
                    {% set moved_to = [[fit.theta[i] + step[i], bound] | min, -bound] | max %}
                    {% do next_trial.append(moved_to) %}
                    {% set longest.step = [longest.step, (moved_to - fit.theta[i]) | abs] | max %}
                    {% set longest.gain = longest.gain + at_trial.gradient[i] * (moved_to - fit.theta[i]) %}
                {% endfor %}
                {#- near the maximum right digits double: next / this = (this / last)^2 -#}
                {% set next_step = longest.step %}
                {% if fit.last_step is not none and longest.step < fit.last_step < 0.1 %}
                    {% set next_step = longest.step * (longest.step / fit.last_step) ** 2 %}
                {% endif %}
                {% do fit.update({'trial': next_trial, 'gain': longest.gain, 'last_step': longest.step}) %}
                {% if next_step < precision or (longest.gain | abs) < 1e-12 %}
                    {#- what the step gains follows from the quadratic: half of what the slope promises -#}
                    {% do fit.update({'status': 'ok', 'theta': next_trial, 'value': value + longest.gain / 2}) %}
                {% elif fit.iterations >= 100 %}
                    {% do fit.update({'status': 'not_converged'}) %}
                {% endif %}
            {% endif %}
            {% if fit.status == 'ok' %}
                {% for i in range(size) if (fit.theta[i] | abs) > bound - 1e-6 %}
                    {% do fit.update({'status': 'at_bound'}) %}
                {% endfor %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% for fit in fits if fit.status is none %}
        {% do fit.update({'status': 'not_converged'}) %}
    {% endfor %}
    {{ return(fits) }}
{% endmacro %}

{# The step to where the quadratic through value, gradient and Hessian is highest, but no further than 2. #}
{% macro _newton_step(theta, gradient, hessian, bound) %}
    {#- who is at a bound and would go beyond it stays there; so does who is sent beyond it by the others -#}
    {% set state = namespace(free=[], step=none) %}
    {% for i in range(theta | length) %}
        {% if not ((theta[i] >= bound and gradient[i] > 0) or (theta[i] <= -bound and gradient[i] < 0)) %}
            {% do state.free.append(i) %}
        {% endif %}
    {% endfor %}
    {% for attempt in range(theta | length) if state.step is none %}
        {% set of_free = _ascent_step(gradient, hessian, state.free) %}
        {% set inside = [] %}
        {% for i in state.free %}
            {% if not ((theta[i] >= bound and of_free[i] > 0) or (theta[i] <= -bound and of_free[i] < 0)) %}
                {% do inside.append(i) %}
            {% endif %}
        {% endfor %}
        {% if inside == state.free %}
            {% set state.step = of_free %}
        {% else %}
            {% set state.free = inside %}
        {% endif %}
    {% endfor %}

    {#- no longer than 2, and not beyond a bound: in the same direction, so that it still leads upwards -#}
    {% set shrink = namespace(by=1.0) %}
    {% for i in state.free if state.step is not none and state.step[i] != 0 %}
        {% set room = bound - theta[i] if state.step[i] > 0 else bound + theta[i] %}
        {% set shrink.by = [shrink.by, 2.0 / (state.step[i] | abs), room / (state.step[i] | abs)] | min %}
    {% endfor %}
    {% set step = [] %}
    {% for i in range(theta | length) %}
        {% do step.append(state.step[i] * shrink.by if state.step is not none and i in state.step else 0.0) %}
    {% endfor %}
    {{ return(step) }}
{% endmacro %}

{#
    The step towards a maximum in some of the variables. Where the curvature is not that of a maximum, more and more is
    added to its diagonal until it is.
#}
{% macro _ascent_step(gradient, hessian, free) %}
    {% set largest = namespace(value=1e-12) %}
    {% for i in free %}
        {% set largest.value = [largest.value, hessian[i][i] | abs] | max %}
    {% endfor %}
    {% set solved = namespace(x=none) %}
    {% for attempt in range(24) if solved.x is none %}
        {% set added = 0.0 if attempt == 0 else largest.value * 10.0 ** (attempt - 12) %}
        {% set matrix = [] %}
        {% set vector = [] %}
        {% for i in free %}
            {% set row = [] %}
            {% for j in free %}
                {% do row.append(-hessian[i][j] + (added if i == j else 0.0)) %}
            {% endfor %}
            {% do matrix.append(row) %}
            {% do vector.append(gradient[i]) %}
        {% endfor %}
        {% set solved.x = _solve_positive_definite(matrix, vector) %}
    {% endfor %}
    {% set of_free = {} %}
    {% for i in free %}
        {% do of_free.update({i: solved.x[loop.index0] if solved.x is not none else 0.0}) %}
    {% endfor %}
    {{ return(of_free) }}
{% endmacro %}

{# Cholesky: a matrix that is not positive definite has no solution, which is how one is told. #}
{% macro _solve_positive_definite(matrix, vector) %}
    {% set size = vector | length %}
    {% set lower = [] %}
    {% set state = namespace(is_positive=true) %}
    {% for i in range(size) %}
        {% set row = [] %}
        {% for j in range(i + 1) %}
            {% set rest = namespace(value=matrix[i][j]) %}
            {% for k in range(j) %}
                {% set rest.value = rest.value - row[k] * (row if i == j else lower[j])[k] %}
            {% endfor %}
            {% if i == j %}
                {% if not rest.value > 1e-14 * (matrix[i][i] | abs) or not rest.value > 0 %}
                    {% set state.is_positive = false %}
                {% endif %}
                {% do row.append(rest.value ** 0.5 if state.is_positive else 1.0) %}
            {% else %}
                {% do row.append(rest.value / lower[j][j]) %}
            {% endif %}
        {% endfor %}
        {% do lower.append(row) %}
    {% endfor %}
    {% if not state.is_positive %}
        {{ return(none) }}
    {% endif %}

    {% set halfway = [] %}
    {% for i in range(size) %}
        {% set rest = namespace(value=vector[i]) %}
        {% for k in range(i) %}
            {% set rest.value = rest.value - lower[i][k] * halfway[k] %}
        {% endfor %}
        {% do halfway.append(rest.value / lower[i][i]) %}
    {% endfor %}
    {% set solution = [] %}
    {% for i in range(size) | reverse %}
        {% set rest = namespace(value=halfway[i]) %}
        {% for k in range(i + 1, size) %}
            {% set rest.value = rest.value - lower[k][i] * solution[k - i - 1] %}
        {% endfor %}
        {% do solution.insert(0, rest.value / lower[i][i]) %}
    {% endfor %}
    {{ return(solution) }}
{% endmacro %}
