#!/usr/bin/env python3
# tests/flame/patterns.py DIAG-FLAME SCRIPTS - expressions of the search, by the engine of the script and by that of node
import json
import os
import shutil
import subprocess
import sys
import unittest

SCRIPTS = ''
# Runs each of the cases: [expression, names]. Prints what each engine finds in each name, or the error.
RUN = '''
const SEARCH = new Function(process.argv[1] + "; return {Pattern, PatternError};")();
function answers(text, names) {
    const answer = {};
    try {
        const pattern = new SEARCH.Pattern(text, false);
        answer.plain = pattern.browser !== null;
        answer.run = names.map((name) => pattern.run(name));
        answer.test = names.map((name) => pattern.test(name));
    } catch (error) {
        answer.error = error instanceof SEARCH.PatternError ? error.message : `not of a pattern: ${error}`;
    }
    if (!answer.error && names.every((name) => name.length < 20))
        answer.expected = names.map((name) => new RegExp(text, "s").test(name));
    return answer;
}
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(([text, names]) => answers(text, names))));
'''


def source():
    with open(f'{SCRIPTS}/labels.js', encoding='utf-8') as file:
        ascii_test = next(line for line in file if line.startswith('const ASCII = '))
    with open(f'{SCRIPTS}/pattern.js', encoding='utf-8') as file:
        return ascii_test + file.read()


def ask(*cases):
    result = subprocess.run(['node', '-e', RUN, source()], input=json.dumps(cases), stdout=subprocess.PIPE, timeout=60,
                            check=True, encoding='utf-8')
    return json.loads(result.stdout)


class Patterns(unittest.TestCase):
    def check(self, names, *patterns):
        """Both engines find what node finds."""
        for pattern, answer in zip(patterns, ask(*[[pattern, names] for pattern in patterns])):
            self.assertNotIn('error', answer, pattern)
            self.assertEqual(answer['run'], answer['expected'], pattern)
            self.assertEqual(answer['test'], answer['expected'], pattern)

    def test_counts_of_repeats_can_have_any_length(self):
        zeros = '0' * 30
        self.check(['', 'a', 'aab', 'b', 'aaaa', 'a{2', '{', 'a{,2}', 'caf\u00e9\u00e9'], f'a{{{zeros}2}}', f'^a{{{zeros},{zeros}1}}$',
                   f'^(a*){{{zeros}1,}}b', f'^(aa){{{zeros},}}$', f'\u00e9{{{zeros}2}}', 'a{2', '{$', r'a\{2', 'a{,2}', '[{]')

    def test_a_hyphen_beside_a_class_is_no_range(self):
        names = ['', 'b', 'z', '-', '5', '.', 'A', '\u00e9', 'z\u00e9', 'b\u00e9', '-\u00e9', '7\u00e9', '.\u00e9', '\u00ea', '_']
        sets = (r'[\d-a-z]', r'[\w-.-z]', r'[a-\d-z]', r'[\d-\w-z]', r'[\d-]', r'[-\d]', r'[\d--z]', r'[^\d-a-z]', r'[\D-a-c]',
                r'[\d-\u00e9-\u00ea]', '[\\d-\u00e9-\u00ea]', '[a-c-e]', '[+--]', '[--0]', r'[\--0]', r'[\d-\]]', r'[\s-\--z]')
        self.check(names, *sets, *[f'^{one}\u00e9?$' for one in sets], *[f'(?:{one}){{1}}' for one in sets])

    def test_repeats_of_groups_end_on_long_names(self):
        zeros = '0' * 20
        for pattern in (f'(a*){{{zeros}1,}}b', f'(a+){{{zeros}1,9{zeros}}}b', f'((a*){{{zeros}1,}}){{1,}}b', '((a*){1,}|{)c'):
            answer, = ask([pattern, ['a' * 200]])
            self.assertFalse(answer.get('plain'), pattern)
            self.assertTrue(answer.get('error') == 'the expression is too large' or answer['test'] == [False], (pattern, answer))

    def test_huge_counts_are_refused_before_any_name(self):
        huge = '9' * 400
        for pattern in (f'a{{{huge}}}', f'a{{{huge},}}', 'a{0,9999999999}', f'a{{{huge},{huge}}}', 'a{2147483648}', 'a{99999}',
                        '(){9999999}'):
            answer, = ask([pattern, ['a', 'caf\u00e9']])
            self.assertEqual(answer.get('error'), 'the expression is too large', (pattern, answer))

    def test_the_largest_expressions_have_an_answer_in_both_engines(self):
        self.check(['', 'a', 'z' * 19, 'caf\u00e9'], 'a{1998}', '[^a-y]{1,999}', '(?:a|b|c){0,200}z{19}', 'a{0,900}',
                   f'^a{{0,{"9" * 400}}}$')


if __name__ == '__main__':
    sys.argv.pop(1)
    SCRIPTS = os.path.join(sys.argv.pop(1), 'flame/svg/script')
    if not shutil.which('node'):
        print('SKIP: node is missing')
        sys.exit(77)
    unittest.main()
