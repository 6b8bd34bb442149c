"""Writes ../resources/template/cases.json: templates, variables, and what transformers' own renderer makes of them.

Needs transformers 5.18.0 and jinja2 (development only). Run: python make_template_fixtures.py
"""

import json
import pathlib

import jinja2
from transformers.utils.chat_template_utils import _compile_jinja_template

from template_cases import CHATS, SMALL

OUT = pathlib.Path(__file__).parent.parent / "resources" / "template" / "cases.json"


def render(template, variables):
    try:
        return {"text": _compile_jinja_template(template).render(**variables)}
    except (jinja2.TemplateSyntaxError, SyntaxError):
        return {"error": "SYNTAX"}
    except jinja2.exceptions.UndefinedError as error:
        return {"error": "FAILED", "message": str(error)}
    except jinja2.TemplateRuntimeError:
        return {"error": "FAILED"}
    except jinja2.TemplateError as error:
        return {"error": "RAISED", "message": str(error)}
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return {"error": "FAILED"}


def main():
    OUT.parent.mkdir(parents=True, exist_ok=True)
    shared, cases = [], []
    for template, variables in [*CHATS(), *SMALL()]:
        if variables not in shared:
            shared.append(variables)
        cases.append({"template": template, "variables": shared.index(variables), **render(template, variables)})
    parts = {"variables": shared, "cases": cases}
    lines = [f'"{key}": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"
             for key, rows in parts.items()]
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(cases), "cases,", sum("error" in case for case in cases), "of them errors")


if __name__ == "__main__":
    main()
