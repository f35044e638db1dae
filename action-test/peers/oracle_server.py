"""
Asks one oracle again and again: each line of standard input is what it would read there, each line of standard output what
it would print. It runs as a process of its own each time, from one that has imported what it imports, which takes seconds.
"""

import ast
import io
import json
import os
import runpy
import sys
import traceback

program = sys.argv[1]
sys.path[0] = os.path.dirname(program)
with open(program, encoding="utf-8") as source:
    tree = ast.parse(source.read())
tree.body = [statement for statement in tree.body if isinstance(statement, (ast.Import, ast.ImportFrom))]
exec(compile(tree, program, "exec"), {})

while line := sys.stdin.readline():
    if os.fork() == 0:
        answers = sys.stdout
        sys.stdin, sys.stdout = io.StringIO(line), io.StringIO()
        try:
            runpy.run_path(program, run_name="__main__")
            answer = sys.stdout.getvalue().replace("\n", " ")
        except BaseException:
            answer = json.dumps({"problem": traceback.format_exc()})
        answers.write(answer + "\n")
        answers.flush()
        os._exit(0)
    _, status = os.wait()
    if status != 0:
        print(json.dumps({"problem": f"{program} was ended: {status}"}), flush=True)
