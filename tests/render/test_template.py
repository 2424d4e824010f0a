"""Reading and rendering templates, good and bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapi_expert.render.template import OptionError, TemplateError, read_template, undeclared

DESCRIPTION = """\
name: tiny
summary: a template for these tests
exemplar: specimen-thing
options:
  type: object
  additionalProperties: false
  properties:
    loud: {type: boolean, default: true, description: shout}
    port: {type: integer, default: 80, minimum: 1, description: where}
files:
  loud: [voice.py]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A template of three files, with what tools left behind."""
    files = {
        "template.yaml": DESCRIPTION,
        "main.py": 'NAME = "Specimen Thing"\n\n# % if loud\nNAME = NAME.upper()\n# % endif\nTABLE = {"{{": 1}\n',
        "voice.py": "specimen_thing = 1\n",
        "README.md.jinja": "# {{ title }}\n{% if loud %}\nLoud on {{ port }}.\n{% endif %}\n",
        "__pycache__/main.pyc": "leftover",
        ".data/postgres/log": "leftover",
    }
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_as_it_lies_it_is_the_exemplar_without_statements(folder: Path) -> None:
    assert read_template(folder).render() == {
        "README.md": "# Specimen Thing\nLoud on 80.\n",
        "main.py": 'NAME = "Specimen Thing"\n\nNAME = NAME.upper()\nTABLE = {"{{": 1}\n',
        "voice.py": "specimen_thing = 1\n",
    }


def test_an_option_that_is_off_takes_lines_and_files_away(folder: Path) -> None:
    assert read_template(folder).render({"loud": False}, name="corner-shop") == {
        "README.md": "# Corner Shop\n",
        "main.py": 'NAME = "Corner Shop"\n\nTABLE = {"{{": 1}\n',
    }


@pytest.mark.parametrize(("loud", "rude"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_file_of_several_options_comes_with_any_of_them(folder: Path, loud: bool, rude: bool) -> None:
    description = DESCRIPTION.replace("port:", "rude: {type: boolean, default: true, description: swear}\n    port:")
    (folder / "template.yaml").write_text(description + "  rude: [voice.py]\n")

    files = read_template(folder).render({"loud": loud, "rude": rude})

    assert ("voice.py" in files) is (loud or rude)


def test_a_file_of_which_nothing_is_left_does_not_come(folder: Path) -> None:
    (folder / "empty.py").touch()
    (folder / "both.py").write_text("# % if loud and port > 1000\nspecimen_thing = 1\n\n\n# % endif\n")
    template = read_template(folder)

    assert set(template.render()) == {"README.md", "main.py", "voice.py", "empty.py"}
    assert "both.py" in template.render({"port": 8080})


def test_a_file_is_unaffected_that_asks_for_nothing_that_changes(folder: Path) -> None:
    (folder / "ports.py").write_text("# = PORT = {{ port }}\nPORT = 80\n")
    (folder / "loud.txt").write_text("% if loud is only said here\n")
    template = read_template(folder)
    before = template.defaults()

    assert template.unaffected(before, before, "tiny") == set(template.render())
    assert template.unaffected(before, before | {"port": 81}, "tiny") == {"main.py", "voice.py", "loud.txt"}
    assert template.unaffected(before, before | {"loud": False}, "tiny") == {"ports.py", "loud.txt"}


def test_a_line_that_stands_for_another_takes_its_place(folder: Path) -> None:
    (folder / "main.py").write_text(
        "if True:\n    # = port = {{ port }}\n    port = 80\n    # % if lout\n    # % endif\n"
    )
    template = read_template(folder)

    with pytest.raises(TemplateError, match="lout") as caught:
        template.render()
    assert caught.value.line == 4

    (folder / "main.py").write_text("if True:\n    # = port = {{ port }}  # TCP\n    port = 80  # TCP\n")
    template = read_template(folder)
    assert template.render()["main.py"] == "if True:\n    port = 80  # TCP\n"
    assert template.render({"port": 8080})["main.py"] == "if True:\n    port = 8080  # TCP\n"


def test_a_line_is_added_where_it_says_so(folder: Path) -> None:
    (folder / "main.py").write_text(
        "def f():\n    # % if loud\n    pass\n    # % else\n"
        "    # + if True:\n    # +\n    # +     port = {{ port }}\n    # % endif\n"
    )
    template = read_template(folder)

    assert template.render()["main.py"] == "def f():\n    pass\n"
    assert template.render({"loud": False})["main.py"] == "def f():\n    if True:\n    \n        port = 80\n"


def test_a_fault_in_a_line_that_is_added_is_found_there(folder: Path) -> None:
    (folder / "main.py").write_text("# % if loud\n# + a = {{ port }}\n# + b = {{ lout }}\n# % endif\n")
    template = read_template(folder)

    assert undeclared(template, "main.py") == [("lout", 3)]
    with pytest.raises(TemplateError, match="lout") as caught:
        template.render()
    assert caught.value.line == 3


FIELDS = """\
    extras:
      type: array
      items: {type: string, format: field}
      taken: "id {% if loud %}voice{% endif %}"
      default: []
      description: more
"""


def test_fields_are_written_out_line_by_line(folder: Path) -> None:
    (folder / "template.yaml").write_text(
        DESCRIPTION.replace("files:", f"{FIELDS}files:") + "  extras: [README.md.jinja]\n"
    )
    (folder / "main.py").write_text("# % for field in extras if field.optional\n# + {{ field.created }}\n# % endfor\n")
    template = read_template(folder)

    assert "README.md" not in template.render()
    files = template.render({"extras": ["phone:str?", "age:int", "site:url?"]})
    assert files["main.py"] == "phone: PhoneValue | None = None\nsite: SiteValue | None = None\n"
    assert "README.md" in files
    assert template.complete({"extras": ["age:int"]})["extras"] == ["age:int"]


@pytest.mark.parametrize(
    ("extras", "words"),
    [
        (["id:int"], "extras: 'id:int': 'id' is there already"),
        (["voice:str"], "'voice' is there already"),
        (["age:int", "age:str"], "'age' is there already"),
        (["age:integer"], "there is no type 'integer'"),
        (["age:int", 7], '7 is not of type "string"'),
        ("age:int", 'is not of type "array"'),
    ],
)
def test_fields_that_cannot_be_had_are_refused(folder: Path, extras: object, words: str) -> None:
    (folder / "template.yaml").write_text(DESCRIPTION.replace("files:", f"{FIELDS}files:"))

    with pytest.raises(OptionError, match=words):
        read_template(folder).complete({"extras": extras})


def test_a_name_is_free_where_an_option_takes_it_away(folder: Path) -> None:
    (folder / "template.yaml").write_text(DESCRIPTION.replace("files:", f"{FIELDS}files:"))

    assert read_template(folder).complete({"extras": ["voice:str"], "loud": False})["extras"] == ["voice:str"]


def test_words_follow_from_the_options(folder: Path) -> None:
    (folder / "template.yaml").write_text(
        DESCRIPTION + 'words:\n  shout: \'{{ "HEY" if loud else "hey" }} {{ port }}\'\n'
    )
    (folder / "main.py").write_text("# = hey = '{{ shout }}'\nhey = 'HEY 80'\n")
    template = read_template(folder)

    assert template.render()["main.py"] == "hey = 'HEY 80'\n"
    assert template.render({"loud": False, "port": 1})["main.py"] == "hey = 'hey 1'\n"
    assert undeclared(template, "main.py") == []


@pytest.mark.parametrize("words", ["{{ lout }}", "{{", "{{ ().__class__ }}"])
def test_words_that_cannot_be_said_are_named(folder: Path, words: str) -> None:
    (folder / "template.yaml").write_text(f"{DESCRIPTION}words:\n  shout: '{words}'\n")

    with pytest.raises(TemplateError, match=r"template\.yaml:1: Jinja can't render"):
        read_template(folder).render()


def test_options_that_must_differ_are_told_apart(folder: Path) -> None:
    paths = "".join(
        f"    {name}: {{type: string, default: /{name}, description: where}}\n" for name in ("one", "other")
    )
    (folder / "template.yaml").write_text(DESCRIPTION.replace("files:", f"{paths}files:") + "distinct: [one, other]\n")
    template = read_template(folder)

    assert template.complete({"one": "/x"})["one"] == "/x"
    with pytest.raises(OptionError, match="one and other are both '/one': they must differ"):
        template.complete({"other": "/one"})
    with pytest.raises(OptionError, match="can't be printed"):
        template.complete({"other": "/x\n"})


def test_options_are_grouped_in_their_order(folder: Path) -> None:
    grouped = DESCRIPTION.replace("{type: integer,", "{group: places, type: integer,")
    (folder / "template.yaml").write_text(grouped)

    assert [(title, list(options)) for title, options in read_template(folder).groups().items()] == [
        ("patterns, on or off", ["loud"]),
        ("places", ["port"]),
    ]


def test_the_name_is_written_in_every_case(folder: Path) -> None:
    (folder / "names.py").write_text('"specimen-thing specimen_thing SpecimenThing Specimen Thing"\n')

    assert (
        read_template(folder).render(name="web-2-shop")["names.py"] == '"web-2-shop web_2_shop Web2Shop Web 2 Shop"\n'
    )


@pytest.mark.parametrize("name", ["", "Shop", "my shop", "-shop", "shop-", "a--b", "2shop", "é", "x" * 61, "a/b"])
def test_a_name_that_would_not_work_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(OptionError, match="can't be a name"):
        read_template(folder).render(name=name)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"lout": True}, "lout"), ({"loud": "maybe"}, 'loud: "maybe" is not of type'), ({"port": 0}, "port: 0 is less")],
)
def test_an_option_that_it_does_not_take_is_refused(folder: Path, values: dict[str, object], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        read_template(folder).render(values)


@pytest.mark.parametrize(
    ("file", "text", "line", "words"),
    [
        ("main.py", "a = 1\n# % iff loud\nb = 2\n", 2, "parse"),
        ("main.py", "a = 1\n# % if lout\nb = 2\n# % endif\n", 2, "lout"),
        ("README.md.jinja", "\n{{ nobody }}\n", 2, "nobody"),
        ("README.md.jinja", "{{ ''.__class__.__mro__ }}", 1, "__mro__|__class__"),
        ("README.md.jinja", "{% for i in range(1000000000) %}x{% endfor %}", 1, "Range too big"),
        ("README.md.jinja", "{{ 1 / 0 }}", 1, "division"),
    ],
)
def test_a_broken_file_is_named_with_its_line(folder: Path, file: str, text: str, line: int, words: str) -> None:
    (folder / file).write_text(text)

    with pytest.raises(TemplateError, match=words) as caught:
        read_template(folder).render()

    assert (caught.value.path.name, caught.value.line) == (file, line)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: tiny", "name: [", "not valid YAML"),
        ("name: tiny", "name: \x00", "not valid YAML"),
        ("name: tiny", f"name: {'[' * 99_999}{']' * 99_999}", "more than 50 levels"),
        ("name: tiny", "title: tiny", "'name'"),
        (DESCRIPTION, "- a list\n", "mapping"),
        ("default: true, ", "", "'loud' needs a default"),
        ("type: boolean", "type: bool", "JSON Schema"),
        ("[voice.py]", "[nowhere.py]", "nowhere.py"),
        ("  loud: [voice.py]", "  port: [voice.py]", "no boolean or array option"),
        ("files:", "distinct: [loud]\nfiles:", "`distinct` must be"),
        ("files:", "distinct: [[]]\nfiles:", "`distinct` must be"),
        ("files:", "distinct: loud\nfiles:", "`distinct` must be"),
        ("files:", "words: [hey]\nfiles:", "`words` must be"),
        ("files:", "words: {hey: 1}\nfiles:", "`words` must be"),
        ("files:", "    odd: true\nfiles:", "'odd' needs a default"),
    ],
)
def test_a_broken_description_is_named(folder: Path, old: str, new: str, words: str) -> None:
    (folder / "template.yaml").write_text(DESCRIPTION.replace(old, new))

    with pytest.raises(TemplateError, match=words):
        read_template(folder)


def test_a_folder_without_description_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no template"):
        read_template(tmp_path)


def test_a_file_that_is_not_text_is_named(folder: Path) -> None:
    (folder / "logo.py").write_bytes(b"\xff\xfe")

    with pytest.raises(TemplateError, match="UTF-8") as caught:
        read_template(folder)

    assert caught.value.path.name == "logo.py"


def test_unknown_variables_are_found_with_their_lines(folder: Path) -> None:
    (folder / "main.py").write_text("# % if lout or loud\na = 1\n# % endif\n# % if lout\n# % endif\n")

    assert undeclared(read_template(folder), "main.py") == [("lout", 1), ("lout", 4)]
