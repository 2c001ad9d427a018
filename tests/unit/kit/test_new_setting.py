"""A setting on the command line becomes a property of a schema, or is refused."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lakewarden.kit.new_setting import TYPES, read_setting
from lakewarden.model.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "kind", "default"),
    [
        ("a:string=team", "string", "team"),
        ("a:string=", "string", ""),
        ("a:string=x=y:z", "string", "x=y:z"),
        ("a:string=20", "string", "20"),
        ("a:integer=-3", "integer", -3),
        ("a:number=0.5", "number", 0.5),
        ("a:boolean=false", "boolean", False),
        ("a:list=raw, old", "array", ["raw", "old"]),
        ("a:list", "array", []),
        ("a=20", "integer", 20),
        ("a=0.5", "number", 0.5),
        ("a=true", "boolean", True),
        ("a=team", "string", "team"),
        ("a=null", "string", "null"),
    ],
)
def test_it_is_read(text: str, kind: str, default: Any) -> None:  # noqa: ANN401 -- any JSON
    setting = read_setting(text)
    assert setting.name == "a"
    assert setting.property is not None
    assert setting.property["type"] == kind
    assert setting.property["default"] == default
    assert type(setting.property["default"]) is type(default)
    Draft202012Validator(setting.property).validate(default)


def test_a_name_alone_is_a_setting_that_is_there() -> None:
    assert read_setting("min_length").property is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "isn't a setting's name"),
        ("Min=3", "'Min' isn't a setting's name"),
        ("a-b=3", "isn't a setting's name"),
        ("=3", "isn't a setting's name"),
        ("overrides=3", "means something in every domain"),
        ("tables:list", "means something in every domain"),
        ("a:int=3", "there is no type 'int'"),
        ("a:=3", "there is no type ''"),
        ("a:integer", "a has no default"),
        ("a:integer=", "the default '' of a isn't of the type integer"),
        ("a:integer=1.5", "isn't of the type integer"),
        ("a:number=nan", "isn't of the type number"),
        ("a:boolean=yes", "isn't of the type boolean"),
    ],
)
def test_it_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as refused:
        read_setting(text)
    assert refused.value.where == "--setting"
    assert "--setting min_length:integer=20" in refused.value.remedy


def test_a_mistyped_type_suggests_the_one_that_is_meant() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_setting("a:int=3")
    assert refused.value.remedy.startswith("Did you mean integer? There are: " + ", ".join(TYPES))
