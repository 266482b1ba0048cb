"""Whether a value has the shape that a schema asks for: yes or no, at once.

The validator says what is wrong, and takes its time for that; of the thousands of rows of a list
nearly all are right. Here each word of a schema is made into one small function; what they all
let pass the validator would let pass too, and only the rest is given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Json = Any
Test = Callable[[Json], bool]
Schema = Mapping[str, Json]

#: Words of JSON Schema that ask for nothing; our own `x-…` do not either.
ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "default"})

#: Of so many texts it is remembered whether they fit a field: a column repeats itself.
REMEMBERED = 1 << 14


class UnknownWordError(Exception):
    """A word of a schema, or a use of it, that has no function here."""


def test_of(schema: Schema, root: Schema, leaves: Mapping[str, Callable[[Json], Test]]) -> Test:
    """The test of a schema whose references lead into `root`. `leaves`: word → what makes its test,
    for the words that the validator at hand reads in its own way (`type`, `pattern`, `format`).

    Where the schema holds a word that is not known, the test is always no.
    """
    try:
        return _test(schema, root, leaves)
    except UnknownWordError:
        return lambda value: False


def _test(schema: Schema, root: Schema, leaves: Mapping[str, Callable[[Json], Test]]) -> Test:
    def inner(part: Json) -> Test:
        if not isinstance(part, Mapping):
            raise UnknownWordError(part)
        return _test(part, root, leaves)

    def of_word(word: str, asked: Json) -> Test:
        if word in leaves:
            return leaves[word](asked)
        if word == "$ref":
            return inner(root.get("$defs", {}).get(asked.removeprefix("#/$defs/")))
        if word == "additionalProperties" and asked is False:
            return _only(frozenset(schema.get("properties", {})))
        if word in _PLAIN:
            return _PLAIN[word](asked)
        if word in _NESTED:
            return _NESTED[word](asked, inner)
        raise UnknownWordError(word)

    asked_words = {w: a for w, a in schema.items() if w not in ANNOTATIONS and w[:2] != "x-"}
    return _every([of_word(word, asked) for word, asked in asked_words.items()])


def _every(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def holds(value: Json) -> bool:
        return all(test(value) for test in tests)

    of_text, of_blank = lru_cache(REMEMBERED)(holds), holds(None)

    def remembered(value: Json) -> bool:
        if value is None:
            return of_blank
        return of_text(value) if isinstance(value, str) else holds(value)

    return remembered


# ---------------------------------------------------------------- words without schemas in them


def _const(asked: Json) -> Test:
    words = isinstance(asked, list) and all(isinstance(word, str) for word in asked)
    if not words and not isinstance(asked, (str, bool, type(None))):
        raise UnknownWordError(asked)  # numbers are equal in more ways than one
    return lambda value: type(value) is type(asked) and bool(value == asked)


def _enum(asked: list[Json]) -> Test:
    return _any([_const(one) for one in asked])


def _any(tests: list[Test]) -> Test:
    return lambda value: any(test(value) for test in tests)


def _required(asked: list[str]) -> Test:
    keys = frozenset(asked)
    return lambda value: not isinstance(value, dict) or keys <= value.keys()


def _only(keys: frozenset[str]) -> Test:
    return lambda value: not isinstance(value, dict) or value.keys() <= keys


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_PLAIN: Mapping[str, Callable[[Any], Test]] = {
    "const": _const,
    "enum": _enum,
    "required": _required,
    "minLength": lambda asked: lambda value: not isinstance(value, str) or len(value) >= asked,
    "maxLength": lambda asked: lambda value: not isinstance(value, str) or len(value) <= asked,
    "minItems": lambda asked: lambda value: not isinstance(value, list) or len(value) >= asked,
    "maxItems": lambda asked: lambda value: not isinstance(value, list) or len(value) <= asked,
    "minimum": lambda asked: lambda value: not _is_number(value) or value >= asked,
    "maximum": lambda asked: lambda value: not _is_number(value) or value <= asked,
}


# ---------------------------------------------------------------- words with schemas in them

_Inner = Callable[[Schema], Test]


def _properties(asked: Mapping[str, Schema], inner: _Inner) -> Test:
    tests = [(key, inner(part)) for key, part in asked.items()]

    def holds(value: Json) -> bool:
        if isinstance(value, dict):
            for key, test in tests:
                if key in value and not test(value[key]):
                    return False
        return True

    return holds


def _items(asked: Schema, inner: _Inner) -> Test:
    test = inner(asked)
    return lambda value: not isinstance(value, list) or all(map(test, value))


def _not(asked: Schema, inner: _Inner) -> Test:
    test = inner(asked)
    return lambda value: not test(value)


def _one_of(asked: list[Schema], inner: _Inner) -> Test:
    tests = [inner(one) for one in asked]
    return lambda value: sum([test(value) for test in tests]) == 1


_NESTED: Mapping[str, Callable[[Any, _Inner], Test]] = {
    "properties": _properties,
    "items": _items,
    "not": _not,
    "oneOf": _one_of,
}
