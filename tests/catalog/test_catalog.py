import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import conn_core.catalog
from conn_core import Service
from conn_core.catalog import Catalog, _catalog
from conn_core.errors import InvalidInput


def test_a_predefined_service_is_found_by_its_id():
    """A service of ours comes whole, and marked as predefined."""
    github = Catalog().get("github")

    assert ("GitHub", True, "Development") == (
        github.name,
        github.predefined,
        github.category,
    )
    assert "https://github.com/login/oauth/access_token" == github.token_endpoint
    assert "api.github.com" in github.api_hosts


@pytest.mark.parametrize("service_id", ["gihub", "", "GitHub", "../github", "\0"])
def test_an_unknown_id_is_none(service_id):
    """None says that there is no such service; guessing is the caller's."""
    assert Catalog().get(service_id) is None


def test_nothing_is_read_before_the_first_question(tmp_path):
    """A catalogue with a broken path is made without complaint, and complains later."""
    catalog = Catalog([tmp_path / "nowhere.toml"])

    with pytest.raises(InvalidInput, match="cannot be read"):
        catalog.get("github")


def test_no_toml_is_read_for_our_own_services():
    """The index is read instead: TOML would cost most of a second."""
    program = (
        "import conn_core.catalog._catalog as c, conn_core.catalog._files as f\n"
        "f.tomllib = None\n"
        "print(c.Catalog().get('zoho-expense').name, len(c.Catalog().ids()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert f"Zoho Expense {len(Catalog().ids())}" == done.stdout.strip()


def test_the_index_is_read_once(monkeypatch):
    """Many threads ask a new catalogue: one of them reads the files."""
    reads = []
    load = _catalog._load

    def counting(paths):
        reads.append(paths)
        return load(paths)

    monkeypatch.setattr(_catalog, "_load", counting)
    catalog, gate = Catalog(), threading.Barrier(8)

    def ask(_number):
        gate.wait(20)
        return catalog.get("github").id

    with ThreadPoolExecutor(8) as pool:
        assert ["github"] * 8 == list(pool.map(ask, range(8)))
    assert 1 == len(reads)


def _found(query, **rest):
    return [service.id for service in Catalog().search(query, **rest)[0]]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("github", "github"),
        ("GitHub", "github"),
        ("  git ", "github"),
        ("google sh", "google-sheets"),
        ("sheets", "google-sheets"),
        ("heets", "google-sheets"),
        ("zoho-exp", "zoho-expense"),
        ("expense zoho", "zoho-expense"),
        ("spreadsheet", "google-sheets"),
        ("tickets", "zoho-desk"),
        ("google", "google"),
        ("openai", "openai"),
        ("x (twitter)", "x-twitter"),
    ],
)
def test_the_best_match_comes_first(query, first):
    """Whole names, beginnings, words and parts of words are found, in that order."""
    assert first == _found(query)[0]


def test_the_order_of_matches(catalog_file):
    """Exact, beginning of the name, word of the name, part, then the description."""
    paths = [
        catalog_file("z-exact", file="1.toml", name="Ocelot"),
        catalog_file("y-begins", file="2.toml", name="Ocelots and more"),
        catalog_file("x-word", file="3.toml", name="Big Ocelot"),
        catalog_file("w-part", file="4.toml", name="Biocelot"),
        catalog_file("v-about", file="5.toml", description="Feed an ocelot."),
        catalog_file("u-about", file="6.toml", description="Feed a biocelot."),
    ]
    found, total = Catalog(paths).search("ocelot")

    expected = ["z-exact", "y-begins", "x-word", "w-part", "v-about", "u-about"]
    assert expected == [service.id for service in found]
    assert 6 == total


def test_only_what_is_looked_at_is_sorted():
    """A page holds the best, and the total counts all."""
    whole, total = Catalog().search("google", limit=100)
    page, counted = Catalog().search("google", limit=3)

    assert (whole[:3], total) == (page, counted)
    assert ([], total) == Catalog().search("google", limit=0)


def test_the_room_has_no_other_names():
    """What is not public is not there."""
    with pytest.raises(AttributeError, match="no attribute 'prove_it'"):
        conn_core.catalog.prove_it  # noqa: B018 - asking is what fails


def test_all_words_must_match():
    """Each further word narrows the search; one that nothing has ends it."""
    assert set(_found("zoho invoice")) < set(_found("invoice", limit=100))
    assert ([], 0) == Catalog().search("zoho ocelot")


@pytest.mark.parametrize("query", ["%", "_", ".*", "'; DROP TABLE", "\0", "🦑" * 5000])
def test_O1_strange_queries_find_nothing(query):
    """No character means more than itself."""
    assert ([], 0) == Catalog().search(query)


def test_an_empty_query_finds_everything_by_name():
    """Without a query the whole catalogue comes in the order of names."""
    found, total = Catalog().search(limit=10_000)
    names = [service.name.casefold() for service in found]

    assert sorted(names) == names
    assert total == len(found) == len(Catalog().ids())


def test_pages_are_parts_of_the_whole():
    """Pages follow each other without gaps; the total is that of all."""
    catalog = Catalog()
    whole, total = catalog.search(limit=10_000)
    pages = [catalog.search(offset=start, limit=7) for start in range(0, total, 7)]

    assert whole == [service for page, _ in pages for service in page]
    assert {total} == {of_page for _, of_page in pages}
    assert ([], total) == catalog.search(offset=total + 3)


def test_a_page_has_24_services_at_most():
    """The picker shows 24 cards."""
    assert 24 == len(Catalog().search()[0])


def test_a_category_narrows_the_search():
    """Only services of that category, and only one that exists has any."""
    catalog = Catalog()
    found, total = catalog.search(category="Finance", limit=100)

    assert {"Finance"} == {service.category for service in found}
    assert total == len(found)
    assert "zoho-expense" in _found("expense", category="Finance")
    assert ([], 0) == catalog.search(category="finance")


def test_categories_and_ids_are_sorted():
    """Both cover the whole catalogue."""
    catalog = Catalog()
    found, _ = catalog.search(limit=10_000)

    assert sorted({service.category for service in found}) == catalog.categories()
    assert sorted(service.id for service in found) == catalog.ids()


def test_the_operator_adds_files_and_folders(catalog_file):
    """A file, and the TOML files of a folder, stand beside ours."""
    one = catalog_file("acme-crm", category="Acme")
    folder = catalog_file("acme-hr", "acme-erp", file="more/hr.toml").parent
    catalog_file("ignored", file="more/notes.txt")
    catalog = Catalog([one, folder])

    assert ["acme-crm", "acme-erp", "acme-hr"] == [
        service.id for service in catalog.search("acme")[0]
    ]
    assert catalog.get("acme-hr").predefined
    assert catalog.get("ignored") is None
    assert "Acme" in catalog.categories()
    assert catalog.get("github") is not None


def test_a_service_without_category_is_in_none(catalog_file):
    """An empty category is no category."""
    path = catalog_file("acme-crm", category="")

    assert Catalog().categories() == Catalog([path]).categories()


def test_O9_a_service_of_ours_cannot_be_replaced(catalog_file):
    """A file with an id of ours is an error that names both, not a silent change."""
    path = catalog_file("acme-crm", "github")
    with pytest.raises(InvalidInput) as caught:
        Catalog([path]).get("acme-crm")

    assert (
        f"The service 'github' stands in the predefined services and in {path}, "
        "and only one can be meant" == caught.value.message
    )
    assert "Give the second another id" == caught.value.hint


def test_two_added_services_of_the_same_id_are_an_error(catalog_file):
    """The same between two files of the operator, and within one."""
    first = catalog_file("acme-crm", file="a.toml")
    second = catalog_file("acme-crm", file="b.toml")
    twice = catalog_file("acme-hr", "acme-hr", file="c.toml")

    with pytest.raises(InvalidInput, match=f"stands in {first} and in {second}"):
        Catalog([first, second]).ids()
    with pytest.raises(InvalidInput, match=f"stands in {twice} and in {twice}"):
        Catalog([twice]).ids()


def test_O8_a_file_cannot_say_who_owns_a_service(catalog_file):
    """Owner, redirect URL and registration are answers, whatever the file says."""
    path = catalog_file(
        "acme-crm",
        text=(
            'predefined = false\nowner = "eve"\nregistered = true\n'
            'redirect_uri = "https://evil.example/"\n'
        ),
    )
    service = Catalog([path]).get("acme-crm")

    assert (True, "", False, None) == (
        service.predefined,
        service.owner,
        service.registered,
        service.redirect_uri,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[service]\n", "is no TOML: "),
        ('id = "a"\nid = "b"\n', "is no TOML: "),
        ('id = "\udcff"', "is no TOML: "),
        ("a = " + "[" * 5000, "is no TOML: "),
        ("", "must hold [[service]] tables and nothing else"),
        ('[service]\nid = "a"\nname = "A"\n', "must hold [[service]] tables"),
        ("service = [1]\n", "must hold [[service]] tables"),
        ('[[service]]\nname = "A"\n', "each with an id and a name"),
        ('[[service]]\nid = 7\nname = "A"\n', "each with an id and a name"),
        ('[[service]]\nid = "a"\n', "each with an id and a name"),
        ('[[service]]\nid = "a"\nname = "A"\n[other]\n', "and nothing else"),
    ],
)
def test_a_file_of_another_form_is_named(tmp_path, text, reason):
    """An error says which file, and what is wrong with it."""
    path = tmp_path / "bad.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidInput) as caught:
        Catalog([path]).ids()

    assert f"The catalogue file {path} " in caught.value.message
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('issuer = "http://login.acme.example"\n', "issuer: "),
        ('tokenendpoint = "https://a.example"\n', "tokenendpoint: "),
        ('test_path = "https://evil.example/"\n', "test_path: "),
        ('[service.authorization_parameters]\nstate = "x"\n', "authorization_param"),
        ('[[service.scopes]]\nname = "a b"\n', "scopes.0.name: "),
        ('grant_type = "device_code"\nauth_type = "magic"\n', "auth_type: "),
    ],
)
def test_a_service_with_a_wrong_member_is_named(catalog_file, text, reason):
    """The file, the service and the member are named; the others stay usable."""
    bad = catalog_file("acme-crm", text=text)
    good = catalog_file("acme-hr", file="good.toml")
    catalog = Catalog([bad, good])
    with pytest.raises(InvalidInput) as caught:
        catalog.get("acme-crm")

    assert f"The service 'acme-crm' of {bad} is not usable: " in caught.value.message
    assert reason in caught.value.message
    assert "acme-hr" == catalog.get("acme-hr").id


def test_a_service_without_endpoints_is_named(tmp_path):
    """What is wrong with the service as a whole is said too."""
    path = tmp_path / "bare.toml"
    path.write_text(
        '[[service]]\nid = "a"\nname = "A"\n'
        'api_base_url = "https://a.example"\napi_hosts = ["a.example"]\n'
    )

    with pytest.raises(InvalidInput, match="service: Value error, an OAuth"):
        Catalog([path]).get("a")


def test_our_own_services_are_what_a_check_makes_of_them():
    """The index is read without checking; each service equals its checked twin."""
    for entry in Catalog()._entries().values():
        record = json.loads(entry.record) | {"predefined": True}
        ours, checked = entry.service(), Service.model_validate(record)

        assert checked == ours
        assert checked.model_dump(mode="json") == ours.model_dump(mode="json")
        assert repr(checked) == repr(ours)
        assert list(checked.__dict__) == list(ours.__dict__)


def test_O8_an_added_service_is_checked(catalog_file):
    """What somebody else wrote never takes the way without checking."""
    path = catalog_file("acme-crm", text='api_headers = { Host = "evil.example" }\n')

    with pytest.raises(InvalidInput, match="Host cannot be set here"):
        Catalog([path]).search("acme")
