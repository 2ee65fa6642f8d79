"""`teleconsult brand check`, and the example that ships."""

from pathlib import Path

import pytest

from deploy.brand import understood, wrong_file
from deploy.command import main
from signaling.brand import Brand
from signaling.brand_text import WrongBrand

EXAMPLE = Path(__file__).parents[2] / "deploy" / "example" / "brand.toml"


def test_the_example_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    """As anybody may check by typing it."""
    main(["brand", "check", str(EXAMPLE)])

    lines = capsys.readouterr().out.splitlines()
    assert "Permanence médicale de la Côte d’Émeraude, in short Côte d’Émeraude" == lines[0]
    assert "  light pages: #8a2f5c, contrast 7.3:1 or more" in lines
    assert "This file is right." == lines[-1]


def test_mistakes_are_all_said_and_the_command_fails(tmp_path: Path) -> None:
    """With exit code 1, and the sentences on standard error."""
    file = tmp_path / "brand.toml"
    file.write_text('[brand]\nlogo = "logo.svg"\n')

    with pytest.raises(SystemExit) as raised:
        main(["brand", "check", str(file)])

    assert (
        f"{file} is no brand, for 2 reasons:\n"
        "[brand] name is missing: the name of the service, as people read it.\n"
        '[brand] logo: "logo.svg": it cannot be read: there is no such file.'
    ) == raised.value.code


def test_one_mistake_is_one() -> None:
    """And no plural."""
    assert "a is no brand, for 1 reason:\nx" == wrong_file(Path("a"), WrongBrand(["x"]))


def test_a_bare_brand_is_right_and_its_missing_facts_are_said() -> None:
    """What the pages will say to everybody is said to its writer first."""
    lines = list(understood(Brand(name="Cap Vert", short="Cap Vert")))

    assert 9 == sum("is missing" in line for line in lines)
    assert "This file is right, and may be used as it is." == lines[-1]
