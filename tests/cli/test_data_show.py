"""What a user gets from `deepglass data --show`."""

from pathlib import Path


def test_the_picture_is_written_and_its_path_printed(deepglass):
    answer = deepglass("data", "iris", "--show")
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "picture: iris-data.png"
    assert Path("iris-data.png").read_bytes().startswith(b"\x89PNG")


def test_augmentation_is_previewed_in_the_format_that_was_asked_for(deepglass):
    answer = deepglass("data", "digits", "-o", "digits.html", "--json", "--set", "data.augment.rotate=10")
    assert answer.json["picture"] == "digits.html"
    page = Path("digits.html").read_text()
    assert "as it is" in page
    assert "turn about the centre by up to so many" in page


def test_a_format_that_is_none_is_refused(deepglass):
    answer = deepglass("data", "iris", "--show", "-o", "iris.gif")
    assert answer.code == 2
    assert "iris.gif does not end in a format of pictures. Use one of .png, .svg, .pdf, .html." in answer.err
