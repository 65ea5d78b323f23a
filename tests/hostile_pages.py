"""Pages made to slow down whoever reads them: the tests want an end, benchmarks/hostile.py a quick one."""

HOSTILE_PAGES = {
    "open tags": "<div>" * 500_000,
    "brackets": "<" * 1_000_000,
    "comments": "<!--" * 200_000,
    "attributes": "<a " + "x='" * 200_000,
    "entities": "&#x" * 300_000,
    "scripts": "<script>" * 100_000,
    "laughs": "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '&a{n - 1};&a{n - 1};'>" for n in range(1, 40)) + "]>&a39;",
}  # fmt: skip
