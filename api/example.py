"""What every answer looks like: an example for each, put together by the names of its fields.

A model's own example goes before; else each field has its word from `api.example_word`.
"""

from dataclasses import dataclass, field
from typing import Any

from api.example_word import ABSENT, DATE, HAPPENED, MOMENT, NUMBERS, UNITS, WORDS, YES

Json = dict[str, Any]
MEDIA = ("application/json", "text/plain")


@dataclass(slots=True)
class Exampler:
    """Makes examples of a document's schemas; `wordless` are the texts that have no word."""

    document: Json
    wordless: set[str] = field(default_factory=set)
    _within: list[str] = field(default_factory=list)

    def of_answers(self, operation: Json) -> None:
        """Gives each answer that is no refusal, nor a picture, its example."""
        for status, response in operation["responses"].items():
            for media, content in response.get("content", {}).items():
                shown = "example" in content or "examples" in content
                if status.startswith("2") and media in MEDIA and not shown:
                    name = operation["operationId"]
                    content["example"] = self.of(content.get("schema", {}), name)

    def of(self, schema: Json, name: str) -> Any:
        """An example of a schema that stands under a name."""
        word = self._word(name)
        if isinstance(word, (dict, list)):
            return word
        if "$ref" in schema:
            return self._of_model(schema["$ref"].rpartition("/")[2], name)
        if schema.get("examples"):
            return schema["examples"][0]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return word if word in schema["enum"] else schema["enum"][0]
        options = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
        if "anyOf" in schema:
            return None if self._is_absent(schema, options, name) else self.of(options[0], name)
        if "properties" in schema:
            return {part: self.of(inner, part) for part, inner in schema["properties"].items()}
        return self._leaf(schema, name)

    def _of_model(self, model: str, name: str) -> Any:
        if model in self._within:
            return None
        self._within.append(model)
        try:
            return self.of(self.document["components"]["schemas"][model], name)
        finally:
            self._within.pop()

    def _is_absent(self, schema: Json, options: list[Json], name: str) -> bool:
        """Whether what may be null shows best as such: what has not happened, and what is wrong."""
        if len(options) == len(schema["anyOf"]):
            return False
        if options[0].get("format") == "date-time":
            return name not in HAPPENED
        inner = options[0].get("$ref", "").rpartition("/")[2]
        named = self._named(name)
        if named in ABSENT or inner in self._within:
            return True
        return name in ABSENT and named not in WORDS

    def _named(self, name: str) -> str:
        model = self._within[-1].rpartition("__")[2] if self._within else ""
        return f"{model}.{name}"

    def _word(self, name: str) -> Any:
        return WORDS.get(self._named(name), WORDS.get(name))

    def _leaf(self, schema: Json, name: str) -> Any:
        kind = schema.get("type")
        if kind == "array":
            return self._list(schema, name)
        if kind in ("integer", "number"):
            return _number(schema, name)
        if kind == "boolean":
            return name in YES
        if schema.get("format") == "date-time":
            return MOMENT
        if schema.get("format") == "date":
            return DATE
        if kind != "string":
            return {}
        word = self._word(name)
        if word is None:
            self.wordless.add(self._named(name))
            return "text"
        return word

    def _list(self, schema: Json, name: str) -> list[Any]:
        items = schema.get("items", {})
        if items.get("$ref", "").rpartition("/")[2] in self._within:
            return []
        return [self.of(items, name)] * max(1, schema.get("minItems", 1))


def _number(schema: Json, name: str) -> int | float:
    last = name.rpartition("_")[2]
    found = NUMBERS.get(name, UNITS.get(last, 1))
    low, high = schema.get("minimum", found), schema.get("maximum", found)
    bounded = min(max(found, low), high)
    return int(bounded) if schema["type"] == "integer" else bounded
