"""The templates and variables of make_template_fixtures.py."""

LLAVA = (
    "{% for message in messages %}{{ message['role'].upper() + ': ' }}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' ' }}"
    "{% endfor %}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}")

# As LLaVA-1.5's, which marks what the assistant says.
LLAVA_GENERATION = (
    "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}"
    "{# Render all images first #}{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}"
    "{{ '<image>\n' }}{% endfor %}{# Render all text next #}{% if message['role'] != 'assistant' %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}"
    "{% endfor %}{% else %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}"
    "{% generation %}{{ content['text'] + ' '}}{% endgeneration %}{% endfor %}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}")

VICUNA = """{% if messages[0]['role'] == 'system' %}
    {% set system = messages[0]['content'] %}
    {% set rest = messages[1:] %}
{% else %}
    {% set system = 'A chat between a curious user and an assistant.' %}
    {% set rest = messages %}
{% endif %}
{{ system }}
{%- for message in rest %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('Roles must alternate user/assistant/user/assistant/...') }}
    {%- endif %}
    {%- if message['role'] == 'user' %}
        {{- ' USER: ' + message['content'].strip() }}
    {%- else %}
        {{- ' ASSISTANT: ' + message['content'].strip() + eos_token }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- ' ASSISTANT:' }}
{%- endif %}
"""

# The logic of Qwen2-VL's and Qwen2.5-VL's.
QWEN_VL = (
    "{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}"
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n{% else %}"
    "{% for content in message['content'] %}"
    "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
    "{% set image_count.value = image_count.value + 1 %}"
    "{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif content['type'] == 'video' or 'video' in content %}"
    "{% set video_count.value = video_count.value + 1 %}"
    "{% if add_vision_id %}Video {{ video_count.value }}: {% endif %}<|vision_start|><|video_pad|><|vision_end|>"
    "{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")

TOOLS = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "# Tools\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools>\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}<|im_end|>\\n" }}
{%- else %}
    {%- if messages[0].role == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set content = message.content %}
        {%- set reasoning = '' %}
        {%- if '</think>' in message.content %}
            {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
            {%- set reasoning = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or (not loop.last and reasoning)) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- for tool_call in message.tool_calls %}
                {%- if (loop.first and content) or (not loop.first) %}
                    {{- '\\n' }}
                {%- endif %}
                {%- if tool_call.function %}
                    {%- set tool_call = tool_call.function %}
                {%- endif %}
                {{- '<tool_call>\\n{"name": "' }}
                {{- tool_call.name }}
                {{- '", "arguments": ' }}
                {%- if tool_call.arguments is string %}
                    {{- tool_call.arguments }}
                {%- else %}
                    {{- tool_call.arguments | tojson }}
                {%- endif %}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""

HEADERS = """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

MACROS = """{%- macro render_item(item, upper=false) -%}
    {%- if item is string -%}
        {{ item | upper if upper else item }}
    {%- elif item is mapping and 'text' in item -%}
        {{ item.text }}
    {%- elif item is iterable -%}
        {% for part in item %}{{ render_item(part, upper=true) }}{{ ', ' if not loop.last }}{% endfor %}
    {%- endif -%}
{%- endmacro -%}
{%- for message in messages -%}
[{{ message.role }}] {{ render_item(message.content) }}
{% endfor %}"""

TOOL = {"type": "function", "function": {
    "name": "get_weather", "description": "Says it's <warm> & \"nice\" – ünïcode 😀.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Rome", "Oslo"]}},
                   "required": ["city"], "default": None, "limits": [1, 2.5, True, -0.0, 1e-7, 1e22, 100000.0]}}}


def text(value):
    return {"type": "text", "text": value}


def user(*parts):
    return {"role": "user", "content": list(parts)}


def assistant(*parts):
    return {"role": "assistant", "content": list(parts)}


IMAGE = {"type": "image"}
QUESTION = [user(IMAGE, text("What is this?"))]
DIALOG = [user(IMAGE, text("Is there a dog?")), assistant(text("Yes, there is a dog.")), user(text("And a cat?"))]
TWO = [{"role": "system", "content": [text("Be brief.")]}, user(text("First "), IMAGE, text("second"), IMAGE)]
PLAIN = [{"role": "system", "content": " You are helpful. "}, {"role": "user", "content": " Hi! "},
         {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHello."}, {"role": "user", "content": "Weather?"}]
CALLS = [*PLAIN, {"role": "assistant", "content": "", "tool_calls": [
    {"type": "function", "function": {"name": "get_weather", "arguments": {"city": "Rome", "n": None}}}]},
    {"role": "tool", "name": "get_weather", "content": "sunny"}, {"role": "tool", "content": "warm"}]


def CHATS():
    for template in (LLAVA, LLAVA_GENERATION, QWEN_VL):
        for messages in (QUESTION, DIALOG, TWO, []):
            for prompt in (True, False):
                yield template, {"messages": messages, "add_generation_prompt": prompt}
    yield QWEN_VL, {"messages": TWO, "add_generation_prompt": True, "add_vision_id": True}
    yield QWEN_VL, {"messages": PLAIN, "add_generation_prompt": True}
    yield QWEN_VL, {"messages": [user({"type": "video"}, {"image_url": "x"})], "add_vision_id": True}
    yield LLAVA, {"messages": [{"role": "user"}]}
    yield LLAVA, {"messages": [{"content": []}]}
    for messages in (PLAIN, PLAIN[1:], PLAIN[2:], []):
        yield VICUNA, {"messages": messages, "add_generation_prompt": True, "eos_token": "</s>"}
    for template in (TOOLS, HEADERS):
        for messages in (PLAIN, PLAIN[1:], CALLS):
            for tools in (None, [TOOL], [TOOL, TOOL]):
                variables = {"messages": messages, "tools": tools, "add_generation_prompt": True, "bos_token": "<s>"}
                yield template, variables
    yield TOOLS, {"messages": PLAIN, "add_generation_prompt": True, "enable_thinking": False}
    yield HEADERS, {"messages": PLAIN, "date_string": "1 May 2026", "bos_token": "<s>"}
    yield MACROS, {"messages": [{"role": "a", "content": "x"}, {"role": "b", "content": {"text": "y"}},
                                {"role": "c", "content": ["p", {"text": "q"}, ["r"]]}]}


EXPRESSIONS = """
1 + 2 * 3 - 4 // 3 ** 2 % 5
7 / 2, 7 // 2, -7 // 2, 7 % 3, -7 % 3, 7.5 // 2, -7.5 % 2
2 ** 10, 2 ** -1, 2 ** 0.5, 10 ** 15
-3 | abs, (-3) | abs, +5
1 < 2 < 3, 3 > 2 >= 2, 1 == 1.0, true == 1, 'a' < 'b', [1, 2] < [1, 3]
1 in [1, 2], 3 not in [1, 2], 'b' in 'abc', 'k' in {'k': 1}, not 1 in [1]
a or 'x', a and 'x', none or 0, '' or [] or {}, not none
'a' ~ 1 ~ none ~ 1.5 ~ true
'x' if yes else 'y', 'x' if no else 'y', 'x' if no, ('p' if no else 'q' if no else 'r')
'con' 'cat', "dou\\"ble", 'sin\\'gle', 'tab\\tnew\\nline\\\\', '\\u00e9\\x41', 'un\\known'
[1, 'two', none, true, 2.50, [3], (4,), (5, 6), {}, {'a': 'b', 3: 'it\\'s'}]
{'a': {'b': [1, {'c': 'deep'}]}}.a.b[1].c
items[0], items[-1], items[9], items['x'], word[0], word[-1], word[9]
items[1:], items[:-1], items[::2], items[::-1], items[-2:], items[5:], word[1:3], word[::-1], word[-3:-1], emoji[1:]
items[3:0:-1], items[-1:-3:-1], items[:1:-1], items[10:1:-2], items[1:3:], word[:100]
word.upper(), word.lower(), word.title(), word.capitalize(), 'hello wOrld-foo'.title(), 'ÉCOLE'.capitalize()
'  x '.strip(), '  x '.lstrip() ~ '|', '  x '.rstrip(), 'xxaxx'.strip('x'), '\\n\\nab\\n'.strip('\\n')
'a,b,,c'.split(','), ' a  b c '.split(), 'a b c'.split(' ', 1), 'a b c'.rsplit(' ', 1), ' a b  c'.split(none, 1), ''.split(), ''.split(',')
'a\\nb\\r\\nc\\n'.splitlines(), 'abc'.startswith('ab'), 'abc'.startswith(('x', 'a')), 'abc'.endswith('bc'), 'a-b-c'.replace('-', '+'), 'a-b-c'.replace('-', '', 1)
'abcabc'.find('c'), 'abcabc'.rfind('c'), 'abc'.find('x'), 'banana'.count('an'), 'abc'.index('b'), '123'.isdigit(), '12a'.isdigit(), 'ab'.isalpha(), ' '.isspace(), ''.isdigit()
'-'.join(['a', 'b']), 'k=v=w'.partition('='), 'k=v=w'.rpartition('='), 'xy'.partition('='), '7'.zfill(3), 'ab'.ljust(4) ~ '|', 'ab'.rjust(4, '.'), 'prefix-x'.removeprefix('prefix-'), 'x.txt'.removesuffix('.txt')
d.items() | list, d.keys() | list, d.values() | list, d.get('a'), d.get('z'), d.get('z', 5), d['a'], d.a, d.z is defined, d.items is callable
keyed.items is callable, keyed['items'], keyed.get('items')
items | length, word | length, d | count, emoji | length, missing | length
items | first, items | last, [] | first, word | first, word | last, items | join('-'), items | join, users | join(', ', attribute='name'), word | join('.')
items | map('string') | list, users | map(attribute='name') | list, users | map(attribute='age', default=0) | list, words | map('upper') | join(' '), words | map('replace', 'b', 'X') | list
items | select('odd') | list, items | reject('odd') | list, items | select('gt', 2) | list, [0, 1, '', 'x'] | select | list, users | selectattr('age') | map(attribute='name') | list
users | selectattr('name', 'equalto', 'ann') | list | length, users | rejectattr('name', 'eq', 'ann') | map(attribute='name') | list, users | selectattr('age', 'defined') | list | length, users[:1] | selectattr('tag.x', '==', 1) | list | length, users | selectattr('name', 'in', ['bob']) | map(attribute='name') | first
words | sort, words | sort(reverse=true), words | sort(case_sensitive=true), users | sort(attribute='name') | map(attribute='name') | list, [3, 1, 2] | sort | reverse | list, word | reverse
[1, 2, 2, 'a', 'A'] | unique | list, [1, 2, 3] | sum, users | selectattr('age', 'defined') | sum(attribute='age'), items | min, items | max, words | max, [] | max
d | dictsort, d | items | list, {'b': 1, 'A': 2} | dictsort(by='value'), {'b': 1, 'A': 2} | dictsort(false, 'key', true)
'  pad ' | trim, 'xaxx' | trim('x'), 'hello world' | title, 'hello' | capitalize, 'a b  c' | wordcount, 'a' | upper | lower
missing | default('d'), none | default('d'), none | default('d', true), '' | default('e', boolean=true), missing | d
'3' | int, '3.9' | int, 'x' | int, 'x' | int(7), 3.7 | int, '2.5' | float, 'x' | float, 3 | float, 5 | string, none | string, true | int
3.14159 | round(2), 2.5 | round, 3.5 | round, 2.1 | round(method='ceil'), 2.9 | round(0, 'floor'), 7 | round
'a\\nb\\n\\nc' | indent, 'a\\nb' | indent(2, true), 'a\\n\\nb' | indent(width=3, blank=true), 'a\\nb' | indent('>>')
[1, 2, 3, 4, 5] | batch(2) | list, [1, 2, 3] | batch(2, 'x') | list
d | tojson, tool | tojson, tool | tojson(indent=2), tool | tojson(sort_keys=true), 'ü"\\\\/\\n\\t<' | tojson, 'ü😀' | tojson(ensure_ascii=true), [] | tojson(indent=2), {} | tojson(indent=2), [1, [2, {'a': []}]] | tojson(indent=1), d | tojson(separators=(',', ':'))
1.0, 0.1 + 0.2, 1e3, 1e16, 1.5e-7, 100000000000000000.0, 123456789.123, 1e22, 2e-5, 1.0e5, 5e-300, -0.0, 2.675 | round(2)
'%s is %d and %.2f (%5s|%-5s|%05d) 100%%' % ('x', 3, 2.5, 'r', 'l', 42), '%s' % 'one', 'n: %s' | format(3)
missing, missing ~ 'x', missing is defined, missing is undefined, missing == missing, not missing, missing | list, d.missing
none is none, none is not none, 1 is number, 1.0 is number, true is number, 'x' is string, d is mapping, items is sequence, items is iterable, word is iterable, d is iterable, 1 is iterable
1 is integer, true is integer, 1.0 is float, true is boolean, 4 is even, 3 is odd, 9 is divisibleby 3, 9 is divisibleby(2), 1 is eq 1, 1 is ne 2, 'A' is upper, 'a' is lower, 2 is in [1, 2], true is true, 1 is true, false is false
items is not string and word is string, 3 is gt 2 and 2 is lessthan 3, x is defined and x.y, items is sameas items, 1 is sameas 1
range(3) | list, range(1, 7, 2) | list, range(3, 0, -1) | list, dict(a=1, b='x'), dict({'q': 1}, z=2), namespace(a=1).a
[1] + [2, 3], (1,) + (2,), 'ab' * 2, [0] * 3, 2 * 'x', true + 1, 'a' + 'b'
(1, 2), (1), (), [1, 2,], {'a': 1,}
words | map('length') | list, words | map('first') | join, [[1, 2], [3]] | map('last') | list, users | map(attribute='tag.x', default='-') | list, [[1, 2]] | map(attribute=1) | list
(items | select('odd')) is defined, 'yes' if items | select('gt', 99) else 'no', 'yes' if (items | select('gt', 99) | list) else 'no', (items | select('odd')) is sequence
true and false or true, not true == false, 1 if true else 2 + 3, -2 ** 2, 2 + 3 | string | length, 10 - 2 - 3, 2 * 3 % 4
yes is true, True, False, None, 0b101, 0x1F, 0o17, 1_000, 1_0.5
'日本語'[1], '日本語' | length, '日本語' | upper, '日本語' | reverse, emoji, emoji | length, emoji[0], 'ß'.upper(), 'İ'.lower() | length
"a" ~ ("b" if yes else "c") ~ "d", {'a': 1}['a'], [1, 2][0], 'abc'[1], {'x': [1, 2]}.x[1], {'a-b': 3}['a-b'], (users[0]).name
namespace(a=1, b=[1]).b[0], namespace().zz is defined, loop is defined, users[0]['name'][0] | upper, users[0].tag.x is defined and users[0].tag.x == 1
"""

FAILING = """
missing.x
missing.x.y
d.missing.x
missing + 1
1 + 'a'
'a' + 1
items[0].x.y
1 / 0
1 % 0
missing()
word()
none.x.y
1 | nofilter
raise_exception('Only user and assistant roles are supported!')
items.append(4)
d.update({'x': 1})
1 < 'a'
missing < 1
'abc'.index('z')
[1, 'a'] | sort
1 | length
(items | select('odd')) | length
none | join
'x' | tojson(indent='y') + 1
namespace(1)
range(1000000) | list
'a'.split('')
{{}}
1 +
(1, 2
[1, 2
'unclosed
items[
a b
1 is
if x
'%d' % 'x'
missing | upper | first | upper | nofilter2
{'a': 1}.b.c
for
"""

STATEMENTS = [
    "a\n  {% if true %}\n  b\n  {% endif %}\nc\n",
    "a\n  {%- if true -%}\n  b\n  {%- endif -%}\nc\n",
    "a\n  {%+ if true +%}\n  b\n  {%+ endif %}\nc\n\n",
    "  {{ 1 }}  \n  {{- 2 -}}  \n  {{ 3 }}\n",
    "x {# comment #} y\n  {# line comment #}\nz {#- tight -#} w {# multi\nline #}!",
    "{% for i in [1, 2] %}\n  {{ i }}\n{% endfor %}\n",
    "{% for i in [1, 2] -%}\n  {{ i }}\n{%- endfor %}",
    "line one\r\nline two\r{% if true %}\r\nthree{% endif %}\r\n",
    "{% raw %}{{ not }} {% tags %}{% endraw %}|{%- raw -%}  {# x #}  {%- endraw -%}  end",
    "{{ '{{' }} {{ '%}' }} {{ \"}}\" }} { } {{ {'a': {'b': 1}}['a'] }} {{ {'a': {}} }}",
    "{% for i in items %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.revindex0 }}/{{ loop.first }}/{{ loop.last }}/{{ loop.length }} {% endfor %}",
    "{% for i in items %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }}{{ loop.cycle('a', 'b') }}{{ loop.depth }}{% if loop.previtem is defined %}p{% endif %};{% endfor %}",
    "{% for i in [1, 1, 2] %}{{ loop.changed(i) }} {% endfor %}",
    "{% for i in [] %}x{% else %}empty{% endfor %}{% for i in missing %}x{% else %}none{% endfor %}",
    "{% for i in items if i is odd %}{{ i }}:{{ loop.index }}{{ ',' if not loop.last }}{% else %}none{% endfor %}",
    "{% for i in items if i > 99 %}{{ i }}{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for (a, b) in [(1, 2), [3, 4]] %}{{ a + b }} {% endfor %}",
    "{% for k, v in d | dictsort %}{{ k }}{{ v }}{% endfor %}{% for c in word %}{{ c }}.{% endfor %}",
    "{% for i in items %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in [1, 2] %}{% for j in [3, 4] %}{{ loop.index }}{{ loop.depth }}{% if j == 4 %}{% break %}{% endif %}{% endfor %}|{{ loop.index }} {% endfor %}",
    "{% set x = 1 %}{% for i in items %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}",
    "{% set ns = namespace(x=1, seen=[]) %}{% for i in items %}{% set ns.x = ns.x + i %}{% set ns.seen = ns.seen + [i] %}{% endfor %}{{ ns.x }} {{ ns.seen }}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% for i in items %}{% if loop.first %}{% set found = i %}{% endif %}{{ found }}{% endfor %}{{ found is defined }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d) = [3, 4] %}{{ c }}{{ d }}{% set t = 1, 2 %}{{ t }}",
    "{% set block %}  text {{ 1 + 1 }}\n{% endset %}[{{ block }}]{% set up | upper | trim %} low {% endset %}[{{ up }}]",
    "{% if no %}a{% elif missing %}b{% elif yes %}c{% else %}d{% endif %}{% if no %}x{% endif %}{% if not no %}y{% endif %}",
    "{% macro f(a, b='B', c=none) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }}|{{ f(1, 2) }}|{{ f(c=3, a=4) }}|{{ f() }}|{{ f is callable }}",
    "{% macro tree(n) %}{{ n.v }}{% if n.c %}({% for x in n.c %}{{ tree(x) }}{% endfor %}){% endif %}{% endmacro %}{{ tree({'v': 1, 'c': [{'v': 2}, {'v': 3, 'c': [{'v': 4}]}]}) }}",
    "{% set y = 5 %}{% macro g() %}{{ y }}{{ word }}{% endmacro %}{{ g() }}{% set y = 6 %}{{ g() }}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(zz=2) }}",
    "{% generation %}said {{ word }}{% endgeneration %}\nafter",
    "{%- for message in users -%}\n{% generation %}\n  {{- message.name -}}\n{% endgeneration %}\n{%- endfor -%}",
    "{% set images = users | selectattr('age', 'defined') %}{% for i in images %}{{ i.name }}{% endfor %}-{% for i in images %}{{ i.name }}{% endfor %}",
    "{{ items | tojson }}{{- '\\n' -}}   {{ 'x' }}   {%- if true %}  y  {%- endif %}   z",
    "{%if yes%}tight{%endif%}{{word}}{%for i in items%}{{i}}{%endfor%}",
    "{% set messages = users[1:] %}{{ messages | length }}{% set loop_messages = messages %}{% for m in loop_messages %}{{ m.name }}{% endfor %}",
    "{% for i in range(3) %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}{{ range(2)[1] }}",
    "{% if d.a is defined and d['a'] == 1 and 'zz' not in d %}ok{% endif %}{% if (users | first).name == 'ann' %}ann{% endif %}",
    "{{ strftime_now('%d %b %Y') | length > 5 }}",
    "{% for m in users %}{%- set role = 'user' if loop.index0 % 2 == 0 else 'model' -%}<{{ role }}>\n{{ m.name | trim }}\n{% endfor %}",
    "{% set ns.x = 1 %}",
    "{% set d.x = 1 %}",
    "{% if %}{% endif %}",
    "{% if true %}never closed",
    "{% for i in items %}never closed",
    "{% endif %}",
    "{% unknown %}",
    "{% break %}",
    "{{ 1",
    "{# open",
    "{% for in items %}{% endfor %}",
    "{% set %}",
    "{% raw %}open",
    "{% else %}",
    "{% for i in 5 %}{{ i }}{% endfor %}",
    "{% for a, b in [[1, 2, 3]] %}{% endfor %}",
    "line 1\nline 2 {{ missing.x }}",
    "plain text, no tags\n\n",
    "{{ '<a href=\"x\">&\\'' | escape }}{{ '<b>' | safe }}{{ '<i>' | e }}",
    "{{ users | selectattr('tag.x') | list }}",
    "",
    "\n",
    "{{ word }}\n\n",
    "{% if true %}\n\n{% endif %}\n x",
    "\t {% if true %} \n\t{{ 1 }} {% endif %} \n",
    "{{ users[0].name }}{% if users[0].tag is mapping %}{{ users[0].tag.x }}{% endif %}{{ users | map(attribute='name') | join(',') | upper }}",
]


def SMALL():
    variables = {
        "items": [1, 2, 3, 4], "word": "Word", "words": ["b", "A", "c"], "d": {"a": 1, "b": "two"}, "yes": True,
        "no": False, "a": "", "emoji": "😀é!", "keyed": {"items": "mine"}, "tool": TOOL,
        "users": [{"name": "ann", "age": 30, "tag": {"x": 1}}, {"name": "bob"}, {"name": "Cid", "age": 5}]}
    for line in EXPRESSIONS.strip().splitlines():
        yield "{{ " + line + " }}", variables
    for line in FAILING.strip().splitlines():
        yield "{{ " + line + " }}", variables
    for template in STATEMENTS:
        yield template, variables
