import { describe, expect, test } from 'vitest';
import { judgeTemplate } from './jinja.ts';

const chatml = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;
const llama = `{%- set ns = namespace(is_first=true) %}{{- bos_token }}
{%- if not date_string is defined %}{%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}{%- endif %}{%- endif %}
{%- if messages[0]['role'] == 'system' %}{%- set system_message = messages[0]['content']|trim %}{%- set messages = messages[1:] %}{%- endif %}
{%- for message in messages %}{%- if ns.is_first %}{%- set ns.is_first = false %}{%- endif %}
{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
{%- if 'tool_calls' in message %}{{- '{"name": "' + message.tool_calls[0].function.name + '", "parameters": ' }}{{- message.tool_calls[0].function.arguments | tojson }}{{- "}" }}{%- endif %}{%- endfor %}`;
const mistral = `{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' ~ message['content'] ~ ' [/INST]' }}{% else %}{{ message['content'] + eos_token }}{% endif %}{% endfor %}`;
const gemma = `{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system role') }}{% endif %}{% for message in messages %}{% if message['role'] == 'assistant' %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}`;
const phi = `{%- macro render(tool) -%}{{ {"type": "function", "function": {"name": tool.name}} | tojson }}{%- endmacro -%}{# from the card, import nothing #}{% for message in messages if message.role in ['user', 'system'] %}{{ '<|' + message['role'] + '|>\\n' + message['content'].split('</think>')[-1].lstrip('\\n') + '<|end|>\\n' }}{% else %}{{ eos_token }}{% endfor %}`;
const tools = `{% for tool in tools %}{% for name, field in tool.parameters.properties.items() %}{{ name | replace('-', '_') }}: {{ field.type if field.type is string else field.type | join(' | ') }} {{ "{{" }}{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list | length }}{% endfor %}{% endfor %} plain __text__ outside`;

describe('judgeTemplate', () => {
  test.each([
    ['chatml', chatml],
    ['llama', llama],
    ['mistral', mistral],
    ['gemma', gemma],
    ['phi', phi],
    ['with tools', tools],
    ['a special token with underscores', "{{ '<__start__>' + messages[0].content }}"],
    ['a comment and a raw part', '{# {{ x.__class__ }} #}{%- raw -%} {{ x.__class__ }} {% endraw %}'],
    ['a time', "{{ strftime_now('%c') }}"],
    ['a part of a text', "{{ '%s: %d' | format(name, count) }}{{ message['class'] }}"],
    ['nothing', ''],
  ])('passes an ordinary template: %s', (_, template) => {
    expect(judgeTemplate(template)).toEqual([]);
  });

  test.each([
    ["{{ ''.__class__.__mro__[1].__subclasses__() }}"],
    ["{{ messages['__class__'] }}"],
    ["{{ messages['\\x5f\\x5fclass\\x5f\\x5f'] }}"],
    ["{{ messages['\\137\\137class\\137\\137'] }}"],
    ["{{ messages['\\u005f_class__'] }}"],
    ["{{ messages['\\N{LOW LINE}_class__'] }}"],
    ["{{ messages['_' ~ '_class_' ~ '_'] }}"],
    ["{{ messages['__' + 'class' + '__'] }}"],
    ["{{ messages['_' '_class_' '_'] }}"],
    ["{{ messages[['_', '_class_', '_'] | join] }}"],
    ["{{ messages['_' * 2 + 'class' + '_' * 2] }}"],
    ["{{ messages['__ssalc__' | reverse] }}"],
    ['{{ messages | attr(name) }}'],
    ["{{ messages | map('attr', name) | list }}"],
    ["{{ messages | map(attribute='__class__') | list }}"],
    ["{{ '{0.__class__}'.format(messages) }}"],
    ["{{ '<{0.__class__}>'.format(messages) }}"],
    ["{{ lipsum.__globals__['os'].popen('true').read() }}"],
    ["{{ cycler('a').next }}"],
    ['{{ joiner }}'],
    ['{{ namespace.x }}'],
    ['{{ self | string }}'],
    ['{{ messages.append.func_globals }}'],
    ["{{ x.popen('true') }}"],
    ["{% set u = '%c%c' | format(95, 95) %}{{ messages[u ~ 'class' ~ u] }}"],
    ["{{ ('%' ~ 'c') | format(95) }}"],
    ["{{ messages[u ~ 'globals' ~ u] }}"],
    ["{{ x['popen'] }}"],
    ['{{ os.environ }}'],
    ["{%- import 'a' as b %}"],
    ["{% include 'a' %}"],
    ["{% from 'a' import b %}"],
    ['{% set a = x.__init__ %}'],
    ["{{ {'a': {'b': 1}}}}{{ ''.__class__ }}"],
    ['{{ x.＿_class__ }}'],
    ['{% if x.__class__'],
    ["{{ '{#' }}{{ x | attr(y) }}{{ '#}' }}"],
    ['{% raw %}{#{% endraw %}{{ x | attr(y) }}{% raw %}#}{% endraw %}'],
    ["{# {{ ' #}{{ x | attr(y) }}{# ' }} #}"],
    ['{{ 1.__class__ }}'],
    ['{{ 1.5.__class__ }}'],
  ])('refuses %s', (template) => {
    expect(judgeTemplate(`${chatml}${template}`)).not.toEqual([]);
  });

  test('says what is wrong', () => {
    expect(judgeTemplate("{{ ''.__class__ }}")).toEqual(['uses __class__']);
  });

  test.each([
    [
      'texts that are never closed',
      `{{ "${"\\'".repeat(100_000)} }}{{ x.__class__ }}`,
      'has more than 50000 words',
    ],
    ['quotes', `{{ ' ${'\\"'.repeat(20_000)} x.__class__ }}`, 'uses __class__'],
    [
      'empty texts',
      `{{ x['_' ${"''".repeat(5_000)} '_class_' '_'] }}`,
      'puts a text together of hundreds that are empty',
    ],
    ['escapes', `{{ x['${'\\x41'.repeat(100_000)}\\x5f_class__'] }}`, expect.stringMatching(/^has the text/)],
    ['short texts', `{{ [${"'a',".repeat(20_000)}'_','_c'] }}`, expect.stringMatching(/^puts the text/)],
    ['words', `{{ ${'('.repeat(50_001)}`, 'has more than 50000 words'],
  ])('tells what is in a template of many %s', (_what, template, problem) => {
    expect(judgeTemplate(template)).toContainEqual(problem);
  });

  test('passes long lists of words', () => {
    expect(judgeTemplate(`{% set a = [${"'word', ".repeat(10_000)}'word'] %}`)).toEqual([]);
  });
});
