"use strict";
// Draws the page from the JSON beside it. What comes from articles reaches the page as text only: through textContent, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const PAGE_ROWS = 50, MERGE_ROWS = 20, PASSAGES = 40, COLOURS = 8, MATRIX_SIDE = 20;
  const $ = (id) => document.getElementById(id);

  // -- elements

  function put(parent, children) {
    for (const child of children.flat(Infinity)) {
      if (child !== null && child !== undefined && child !== false) parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return parent;
  }
  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    return element;
  }
  const h = (tag, attributes, ...children) => put(set(document.createElement(tag), attributes), children);
  const s = (tag, attributes, ...children) => put(set(document.createElementNS(SVG, tag), attributes), children);
  const fill = (element, ...children) => { element.replaceChildren(); return put(element, children); };
  const counted = (n) => n.toLocaleString("en");
  const some = (n, one, many) => `${counted(n)} ${n === 1 ? one : many || one + "s"}`;
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const goTo = (element) => { element.tabIndex = -1; element.focus(); }; // what was pressed may be gone: go on reading with what it brought
  const later = (work, wait) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(work, wait); }; };

  // -- rows -> objects that name their parts

  const code = (n) => (n < 0 ? "" : data.codes[n]);
  const said = (name) => name.replaceAll("_", " ");
  const person = (n) => (n < 0 ? "" : data.people[n]);
  const orgs = data.orgs.map(([id, name, type, country, parent, aliases]) => ({ id, name, type, country, parent, aliases, partners: 0 }));
  const docs = data.docs.map(([id, title, source, url, published, day, copies, pieces]) => ({ id, title, source, url, published, day, copies, pieces }));
  const pairs = data.pairs.map(([a, b, status, first, last, until, documents, sources, independent, facts, events, categories, counts, instruments, people, confidence, contradiction, terms], n) => ({
    n, a: orgs[a], b: orgs[b], status: code(status), first, last, until, documents, sources, independent, facts, events, categories: categories.map(code), counts,
    instruments: instruments.map(code), terms, people: people.map(person), confidence, contradiction: contradiction === 1, words: null,
  }));
  const place = (row, at) => (row.length - at === 4 ? { first: row[at], last: row[at + 1], start: row[at + 2], end: row[at + 3], alone: null } : { alone: row[at] });
  const readFact = (row) => ({ what: "fact", doc: docs[row[1]], area: row[2], category: code(row[3]), status: code(row[4]), date: row[5], speaker: person(row[6]), confidence: row[7], ...place(row, 8) });
  const readEvent = (row) => ({ what: "event", doc: docs[row[1]], type: code(row[2]), date: row[3], instrument: code(row[4]), people: row[5].map(person), ...place(row, 6) });
  const readReport = (row) => ({ doc: docs[row[1]], date: row[2], status: code(row[3]), state: code(row[4]), contradiction: row[5] === 1, by: row[6] });
  function ofPair(rows, n) { // rows are in the order of pairs
    let low = 0, high = rows.length;
    while (low < high) { const middle = (low + high) >> 1; if (rows[middle][0] < n) low = middle + 1; else high = middle; }
    const found = [];
    for (; low < rows.length && rows[low][0] === n; low++) found.push(rows[low]);
    return found;
  }
  for (const pair of pairs) { pair.a.partners++; pair.b.partners++; }
  const byId = new Map(orgs.map((org) => [org.id, org]));
  const byPair = new Map(pairs.map((pair) => [`${pair.a.id}+${pair.b.id}`, pair]));
  const land = (c) => (c ? data.countries[c] || c : "no country told");
  const collator = new Intl.Collator("en");
  [...orgs].sort((x, y) => collator.compare(x.name, y.name) || (x.id < y.id ? -1 : 1)).forEach((org, rank) => { org.rank = rank; });
  const linkOf = (pair) => `#pair=${encodeURIComponent(pair.a.id)}+${encodeURIComponent(pair.b.id)}`;
  const sure = (confidence) => (confidence > 0.99 ? "> 0.99" : confidence.toFixed(2)); // no one is sure of what a program reads
  const badge = (status) => status && h("span", { class: `badge ${status}` }, said(status));

  // -- headline figures

  const totals = data.totals, run = data.run;
  put($("about"), [
    run.read === undefined ? null : `${some(run.read, "article")} read: ${counted(run.written)} kept, ${counted(Object.values(run.skipped || {}).reduce((x, y) => x + y, 0))} skipped, ${counted(run.failed)} failed. `,
    run.model ? `Model ${run.model}.` : null,
  ]);
  const figures = [
    [totals.partnerships, "partnerships"], [totals.organizations, "organisations"], [totals.facts, "facts"], [totals.events, "events"], [totals.people, "people"],
    [totals.documents, "articles"], [data.duplicates, "near-copies"], [data.links.filter((link) => link[4] === "unsure").length, "unsure merges"],
  ];
  for (const [value, name] of figures) $("figures").append(h("div", null, h("dt", null, name), h("dd", null, counted(value))));
  const limits = [];
  if (pairs.length < totals.partnerships) limits.push(`This page holds the ${counted(pairs.length)} partnerships with the most articles; all ${counted(totals.partnerships)} are in the tables.`);
  if (!data.whole) limits.push("The archive is large: of its articles, this page holds what stands around the evidence.");
  if (limits.length) { $("limits").textContent = limits.join(" "); $("limits").hidden = false; }

  // -- lists: sorted, filtered, a page at a time

  function makeList({ table, pages, size = PAGE_ROWS, columns, rows, row, tell, sorted, descending }) {
    const head = table.tHead.rows[0], body = table.tBodies[0];
    const state = { column: sorted, down: descending, page: 0, keep: () => true, found: [] };
    columns.forEach((column, n) => {
      const sort = () => { state.down = state.column === n ? !state.down : Boolean(column.falls); state.column = n; state.page = 0; update(); };
      head.append(h("th", { scope: "col", role: "columnheader", class: column.number && "number" }, column.value ? h("button", { type: "button", onclick: sort }, column.name) : h("span", null, column.name)));
    });
    const earlier = h("button", { type: "button", onclick: () => turn(-1) }, "Previous");
    const next = h("button", { type: "button", onclick: () => turn(1) }, "Next");
    const where = h("span", { class: "muted", role: "status" });
    table.tabIndex = -1;
    put(pages, [earlier, where, next]);
    function turn(by) {
      state.page += by;
      draw();
      table.scrollIntoView({ block: "start" });
      table.focus({ preventScroll: true }); // the button may be disabled now, and the rows are new
    }
    function update() {
      state.found = rows.filter(state.keep);
      const value = columns[state.column].value, sign = state.down ? -1 : 1;
      const keys = new Map(state.found.map((item) => [item, value(item)]));
      state.found.sort((x, y) => {
        const left = keys.get(x), right = keys.get(y);
        if (left === right) return x.n - y.n;
        if (left === "" || right === "") return left === "" ? 1 : -1; // what isn't told comes last either way
        return left < right ? -sign : sign;
      });
      [...head.cells].forEach((cell, n) => {
        if (columns[n].value) cell.setAttribute("aria-sort", n !== state.column ? "none" : state.down ? "descending" : "ascending");
      });
      draw();
    }
    function draw() {
      const last = Math.max(0, Math.ceil(state.found.length / size) - 1);
      state.page = Math.min(Math.max(state.page, 0), last);
      const first = state.page * size, shown = state.found.slice(first, first + size);
      fill(body, shown.map(row));
      pages.hidden = last === 0;
      earlier.disabled = state.page === 0;
      next.disabled = state.page === last;
      where.textContent = `${counted(first + 1)}–${counted(first + shown.length)} of ${counted(state.found.length)}`;
      tell(state.found.length, rows.length);
    }
    return { update, filter: (keep) => { state.keep = keep; state.page = 0; update(); } };
  }
  const cell = (label, attributes, ...children) => h("td", { role: "cell", "data-label": label, ...attributes }, ...children);
  const plain = (label, kind, value) => cell(label, { class: kind }, h("span", null, value));
  const named = (org) => [org.name, org.country && h("span", { class: "place", title: land(org.country) }, ` ${org.country}`)];
  const areasOf = (pair) => pair.categories.slice(0, 3).map(said).join(", ") + (pair.categories.length > 3 ? ` + ${pair.categories.length - 3}` : "");

  // -- partnerships

  const chosen = { org: null, lands: null };
  const list = makeList({
    table: $("pairs"), pages: $("pairs-pages"), rows: pairs, sorted: 4, descending: true,
    columns: [
      { name: "Partnership", value: (p) => p.a.rank * orgs.length + p.b.rank },
      { name: "Status", value: (p) => p.status },
      { name: "Since", value: (p) => p.first },
      { name: "Latest", value: (p) => p.last, falls: true },
      { name: "Articles", value: (p) => p.documents, falls: true, number: true },
      { name: "Facts", value: (p) => p.facts, falls: true, number: true },
      { name: "Areas" },
      { name: "Confidence", value: (p) => p.confidence, falls: true, number: true },
    ],
    row: (p) => {
      const [x, y] = chosen.org === p.b ? [p.b, p.a] : [p.a, p.b];
      return h("tr", { role: "row" },
        h("th", { role: "rowheader", scope: "row", class: "pairname" }, h("a", { href: linkOf(p) }, named(x), " – ", named(y))),
        cell("Status", null, h("span", null, badge(p.status), p.contradiction && h("span", { class: "warn", title: "Reports disagree" }, " disputed"))),
        plain("Since", "date", p.first), plain("Latest", "date", p.last), plain("Articles", "number", counted(p.documents)), plain("Facts", "number", counted(p.facts)),
        plain("Areas", "", areasOf(p)), plain("Confidence", "number", sure(p.confidence)));
    },
    tell: (found, all) => { $("found").textContent = found === all ? some(all, "partnership") : `${counted(found)} of ${some(all, "partnership")}`; },
  });
  function wordsOf(pair) {
    if (pair.words === null) {
      const sides = [pair.a, pair.b].flatMap((org) => [org.name, ...org.aliases, org.country && land(org.country), org.parent >= 0 ? orgs[org.parent].name : ""]);
      pair.words = fold([...sides, pair.status, ...pair.categories.map(said), ...pair.instruments.map(said)].join("\n"));
    }
    return pair.words;
  }
  function applyFilters() {
    const asked = fold($("search").value).split(/\s+/).filter(Boolean), status = $("status").value, category = $("category").value, country = $("country").value;
    list.filter((p) => (!chosen.org || p.a === chosen.org || p.b === chosen.org)
      && (!chosen.lands || (p.a.country === chosen.lands[0] && p.b.country === chosen.lands[1]) || (p.a.country === chosen.lands[1] && p.b.country === chosen.lands[0]))
      && (!status || p.status === status) && (!category || p.categories.includes(category)) && (!country || p.a.country === country || p.b.country === country)
      && (!asked.length || asked.every((word) => wordsOf(p).includes(word))));
    const what = chosen.org ? ["Partners of ", h("strong", null, named(chosen.org))] : chosen.lands ? ["Between ", h("strong", null, land(chosen.lands[0])), " and ", h("strong", null, land(chosen.lands[1]))] : null;
    $("chosen").hidden = !what;
    fill($("chosen"), what && [what, ". ", h("a", { href: "#partnerships" }, "Show all partnerships")]);
  }
  function offer(select, values, name) {
    put(select, [h("option", { value: "" }, "all"), values.map((value) => h("option", { value }, name(value)))]);
    select.addEventListener("change", applyFilters);
  }
  const unique = (values) => [...new Set(values)].filter(Boolean);
  const STATUSES = ["proposed", "agreed", "ongoing", "completed", "ended"];
  offer($("status"), STATUSES.filter((status) => pairs.some((p) => p.status === status)), said);
  offer($("category"), unique(pairs.flatMap((p) => p.categories)).sort(), said);
  offer($("country"), unique(pairs.flatMap((p) => [p.a.country, p.b.country])).sort((x, y) => collator.compare(land(x), land(y))), land);
  $("search").addEventListener("input", later(applyFilters, pairs.length > 5000 ? 250 : 60));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(() => { chosen.org = chosen.lands = null; if (/^#(org|countries|category)=/.test(location.hash)) history.replaceState(null, "", "#partnerships"); address = location.hash; applyFilters(); }));

  // -- evidence

  function highlighted(text, from, marks, kind) { // marks: {start, end, note}, offsets in the article; from: offset of text in it
    const out = [];
    let at = 0;
    for (const mark of [...marks].sort((x, y) => x.start - y.start || y.end - x.end)) {
      const start = Math.max(mark.start - from, at), end = Math.min(mark.end - from, text.length);
      if (end <= start) continue;
      out.push(text.slice(at, start), h("mark", { title: mark.note, class: kind }, text.slice(start, end)));
      at = end;
    }
    out.push(text.slice(at));
    return out;
  }
  const noteOf = (item) => (item.what === "fact" ? `${said(item.category)}, ${item.status}` : said(item.type) + (item.instrument ? `, ${said(item.instrument)}` : ""));
  const marksOf = (items) => items.filter((item) => item.alone === null).map((item) => ({ start: item.start, end: item.end, note: noteOf(item) }));
  function quote(items) {
    const { doc, first, last, alone } = items[0];
    const piece = alone === null && doc.pieces.find(([from, text]) => from <= first && last <= from + text.length);
    if (piece) return h("blockquote", null, highlighted(piece[1].slice(first - piece[0], last - piece[0]).replace(/\s+$/, ""), first, marksOf(items)));
    const words = items.filter((item) => item.area && alone && alone.includes(item.area)).map((item) => ({ start: alone.indexOf(item.area), end: alone.indexOf(item.area) + item.area.length, note: noteOf(item) }));
    return h("blockquote", null, highlighted(alone || "", 0, words));
  }
  function sourceOf(doc, head = h("cite", null, doc.title || "(no title)")) {
    const safe = /^https?:\/\//i.test(doc.url);
    return [head, [doc.published, doc.source].filter(Boolean).map((part, n) => (head || n ? ` · ${part}` : part)),
      safe && [" · ", h("a", { href: doc.url, rel: "noopener noreferrer", target: "_blank", "aria-label": `web page of ${doc.title || doc.source}, in a new tab` }, "web page")], doc.copies >= 0 && " · near-copy of an earlier article"];
  }
  function articleOf(doc, items, here) {
    const marks = marksOf(items), box = h("div", { class: "article", tabindex: "0", role: "region", "aria-label": `Article: ${doc.title || doc.source}` });
    put(box, [h("h3", null, doc.title || "(no title)"), h("p", { class: "source" }, sourceOf(doc, null))]);
    doc.pieces.forEach(([from, text], n) => {
      if (from > 0 || n > 0) box.append(h("p", { class: "gap" }, "[…]"));
      box.append(h("div", { class: "text" }, highlighted(text, from, marks)));
    });
    if (!data.whole && doc.pieces.length) box.append(h("p", { class: "gap" }, "[…]"));
    if (!doc.pieces.length) box.append(h("p", { class: "gap" }, "The text of this article isn't on this page."));
    const target = [...box.querySelectorAll("mark")].find((mark) => mark.textContent && here.some((item) => item.start !== undefined && mark.textContent.includes(textAt(doc, item))));
    if (target) requestAnimationFrame(() => { box.scrollTop = target.offsetTop - box.offsetTop - 90; });
    return box;
  }
  function textAt(doc, item) {
    const piece = doc.pieces.find(([from, text]) => from <= item.start && item.end <= from + text.length);
    return piece ? piece[1].slice(item.start - piece[0], item.end - piece[0]) : "\u0000";
  }
  function tellItem(item) {
    if (item.what === "event") return h("li", null, h("strong", null, said(item.type)), item.instrument && ` · ${said(item.instrument)}`, item.people.length > 0 && ` · ${item.people.join(", ")}`);
    return h("li", null, h("strong", null, item.area), ` · ${said(item.category)} `, badge(item.status), item.speaker && ` · according to ${item.speaker}`, h("span", { class: "place" }, ` confidence ${sure(item.confidence)}`));
  }

  // -- one partnership

  function tellTerm(term) { // day of signing/end of the term, either may be empty
    const [signed, until] = (term || "/").split("/");
    const told = [signed && `signed ${signed}`, until && `until ${until}`].filter(Boolean).join(", ");
    return told && ` (${told})`;
  }
  const firstDay = (date) => { const found = /-?\d{4}(-\d\d(-\d\d)?)?/.exec(date); return found ? found[0] : ""; };
  function drawPair(pair) {
    const facts = ofPair(data.facts, pair.n).map(readFact), events = ofPair(data.events, pair.n).map(readEvent), reports = ofPair(data.history, pair.n).map(readReport);
    const all = [...facts, ...events], entries = new Map();
    for (const item of all) {
      const key = JSON.stringify([item.date, item.doc.id, item.alone === null ? item.first : item.alone]);
      if (!entries.has(key)) entries.set(key, { date: item.date, doc: item.doc, items: [], order: firstDay(item.date) || item.doc.day || "~" });
      entries.get(key).items.push(item);
    }
    const line = [...entries.values()].sort((x, y) => (x.order < y.order ? -1 : x.order > y.order ? 1 : x.doc.id < y.doc.id ? -1 : x.doc.id > y.doc.id ? 1 : (x.items[0].first || 0) - (y.items[0].first || 0)));
    const timeline = h("ol", { class: "timeline", "aria-label": "Facts and events by date" });
    const more = h("button", { type: "button", hidden: true });
    let shown = 0;
    function extend() {
      for (const entry of line.slice(shown, shown + PASSAGES)) timeline.append(drawEntry(entry, all.filter((item) => item.doc === entry.doc)));
      shown = Math.min(line.length, shown + PASSAGES);
      more.hidden = shown === line.length;
      more.textContent = `Show more (${counted(line.length - shown)} left)`;
    }
    more.addEventListener("click", () => { const first = shown; extend(); goTo(timeline.children[first]); });
    extend();
    const side = (org) => h("div", null, h("p", null, h("a", { href: `#org=${encodeURIComponent(org.id)}` }, h("strong", null, org.name))),
      h("p", { class: "muted" }, [said(org.type), org.country && land(org.country), org.parent >= 0 && `part of ${orgs[org.parent].name}`].filter(Boolean).join(" · ")),
      org.aliases.length > 0 && h("p", { class: "muted" }, `also: ${org.aliases.slice(0, 6).join("; ")}${org.aliases.length > 6 ? " …" : ""}`),
      h("p", { class: "muted" }, some(org.partners, "partner")));
    const term = (name, ...value) => (value.flat().some((v) => v !== "" && v !== null && v !== false) ? [h("dt", null, name), h("dd", null, value)] : null);
    opened = [];
    fill($("pair"),
      h("p", { class: "back" }, h("a", { href: "#partnerships", onclick: (event) => { event.preventDefault(); leavePair(); } }, "← All partnerships")),
      h("h1", { id: "pair-title", tabindex: "-1" }, pair.a.name, " – ", pair.b.name),
      h("div", { class: "sides" }, side(pair.a), side(pair.b)),
      h("dl", { class: "facts-of" },
        term("Status", badge(pair.status), pair.contradiction && h("span", { class: "warn" }, " Reports disagree: see the history below.")),
        term("Reported", pair.first && (pair.first === pair.last ? pair.first : `${pair.first} to ${pair.last}`)),
        term("Valid until", pair.until),
        term("Areas", pair.categories.map((category, n) => `${n ? ", " : ""}${said(category)} (${pair.counts[n]})`).join("")),
        term("Instruments", pair.instruments.map((name, n) => said(name) + tellTerm(pair.terms[n])).join("; ")),
        term("People", pair.people.join(", ")),
        term("Evidence", `${some(pair.documents, "article")}; ${some(pair.sources, "source")} when near-copies count once, ${counted(pair.independent)} independent of both sides`),
        term("Confidence", sure(pair.confidence), h("span", { class: "place" }, " grows with each source that reports it on its own; it ranks partnerships and is no frequency"))),
      h("h2", null, "Timeline"),
      line.length ? [timeline, more] : h("p", { class: "muted" }, "No fact and no event was read; the articles below name the two sides as partners."),
      h("h2", null, "How the status came about"),
      drawHistory(pair, reports, all));
  }
  let opened = []; // articles that are open, the latest last
  function toggled(name, doc, make) {
    const button = h("button", { type: "button", class: "linklike", "aria-expanded": "false", "aria-label": `${name}: ${doc.title || doc.source}` }, name);
    let box = null;
    function close() {
      box.remove();
      box = null;
      opened = opened.filter((other) => other.close !== close);
      button.setAttribute("aria-expanded", "false");
    }
    button.addEventListener("click", () => {
      if (box) { close(); return; }
      box = make();
      button.closest("p").after(box);
      opened.push({ button, box, close });
      button.setAttribute("aria-expanded", "true");
    });
    return button;
  }
  document.addEventListener("keydown", (event) => { // Escape closes the article one is in, else the one opened last, else the partnership
    if (event.key !== "Escape" || event.defaultPrevented || $("pair").hidden) return;
    const here = document.activeElement, article = opened.find(({ button, box }) => button === here || box.contains(here)) || opened[opened.length - 1];
    if (article) { article.close(); article.button.focus(); } else leavePair();
  });
  function drawEntry(entry, ofArticle) {
    const isFact = entry.items.some((item) => item.what === "fact");
    const when = entry.date ? h("strong", null, entry.date) : entry.doc.published ? [h("strong", null, entry.doc.published), h("span", { class: "place" }, "published")] : h("span", { class: "place" }, "no date told");
    return h("li", null, h("div", { class: "when" }, when),
      h("div", { class: isFact ? "what isfact" : "what" }, h("ul", { class: "told" }, entry.items.map(tellItem)), quote(entry.items),
        h("p", { class: "source" }, sourceOf(entry.doc), " · ", toggled("Show in the article", entry.doc, () => articleOf(entry.doc, ofArticle, entry.items)))));
  }
  function drawHistory(pair, reports, all) {
    const by = { a: pair.a.name, b: pair.b.name, other: "neither side" };
    const names = ["Day", "The article says", "The partnership is", "Published by", "Article"];
    const drawn = (report) => {
      return h("tr", { role: "row" }, plain(names[0], "date", report.date), cell(names[1], null, h("span", null, badge(report.status))),
        cell(names[2], null, h("span", null, report.state ? badge(report.state) : "(a near-copy: not counted)", report.contradiction && h("span", { class: "warn" }, " contradicts the report before"))),
        plain(names[3], "", by[report.by] || ""),
        h("td", { role: "cell" }, h("div", null, h("p", { class: "source" }, sourceOf(report.doc), " · ", toggled("Show the article", report.doc, () => articleOf(report.doc, all.filter((item) => item.doc === report.doc), []))))));
    };
    const body = h("tbody", { role: "rowgroup" }, reports.slice(0, PAGE_ROWS).map(drawn));
    const more = h("button", { type: "button", onclick: () => { put(body, reports.slice(PAGE_ROWS).map(drawn)); more.remove(); goTo(body.rows[PAGE_ROWS]); } }, `Show all ${counted(reports.length)} reports`);
    return [h("table", { class: "list", role: "table", "aria-label": "Reports by date" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, names.map((name) => h("th", { scope: "col", role: "columnheader" }, h("span", null, name))))), body), reports.length > PAGE_ROWS && more];
  }

  // -- the network

  const KINDS = { university: 0, school: 0, research: 4, company: 1, government: 2, country: 2, igo: 6, ngo: 6, hospital: 3, unit: 5 };
  const KIND_NAMES = ["universities, schools", "companies", "governments", "hospitals", "research institutes", "units", "NGOs, IGOs", "others"];
  const kindOf = (org) => (org.type in KINDS ? KINDS[org.type] : 7);
  const brush = document.createElement("canvas").getContext("2d");
  function lettered(name) { // pixels that a name takes in the drawing
    brush.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    return Math.ceil(brush.measureText(name).width) + 4;
  }
  function drawNetwork() {
    const box = $("network-drawing"), width = Math.max(260, box.clientWidth), wanted = Number($("network-size").value);
    const nodes = [...orgs].filter((org) => org.partners).sort((x, y) => y.partners - x.partners || x.rank - y.rank).slice(0, wanted).map((org, n) => {
      const letters = [...org.name], name = letters.length > 34 ? `${letters.slice(0, 32).join("")}…` : org.name;
      return { org, n, name, wide: lettered(name), near: [], x: 0, y: 0, r: 0 };
    });
    if (!nodes.length) { fill(box, h("p", { class: "muted" }, "No partnerships.")); return; }
    const at = new Map(nodes.map((node) => [node.org, node]));
    const edges = pairs.filter((p) => at.has(p.a) && at.has(p.b)).map((p) => ({ from: at.get(p.a), to: at.get(p.b), pair: p }));
    for (const { from, to } of edges) { from.near.push(to); to.near.push(from); }
    const most = Math.max(1, ...nodes.map((node) => node.org.partners)), scale = Math.min(1, Math.sqrt(60 / nodes.length));
    for (const node of nodes) node.r = Math.round((3.5 + 9.5 * scale * Math.sqrt(node.org.partners / most)) * 10) / 10;
    const height = arrange(nodes, width);
    const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": `Network of ${some(nodes.length, "organisation")} and ${some(edges.length, "partnership")}; a table below tells the same` });
    const lines = edges.map((edge) => s("line", { class: "edge", x1: edge.from.x, y1: edge.from.y, x2: edge.to.x, y2: edge.to.y, "stroke-width": (0.8 + Math.min(4, Math.log2(edge.pair.documents))).toFixed(1) }));
    const taken = nodes.map((node) => [node.x - node.r, node.y - node.r, node.x + node.r, node.y + node.r]); // a name is written where nothing is, else shown when one points at its circle
    const circles = nodes.map((node) => {
      const { x, y, r, wide } = node, middle = Math.min(Math.max(x, wide / 2 + 3), Math.max(wide / 2 + 3, width - wide / 2 - 3));
      const spots = [[middle - wide / 2, y + r + 12], [middle - wide / 2, y - r - 5], [x + r + 3, y + 4], [x - r - 3 - wide, y + 4]].map(([left, base]) => [left, base - 11, left + wide, base + 4]);
      const free = spots.find((spot) => spot[0] >= 0 && spot[2] <= width && spot[1] > 0 && spot[3] < height && !taken.some((other) => spot[0] < other[2] && other[0] < spot[2] && spot[1] < other[3] && other[1] < spot[3]));
      if (free) taken.push(free);
      const spot = free || spots[0];
      return s("a", { class: "node", href: `#org=${encodeURIComponent(node.org.id)}`, "aria-label": `${node.org.name}, ${some(node.org.partners, "partner")}` },
        s("title", null, `${node.org.name}: ${some(node.org.partners, "partner")}`), nodes.length <= 80 && s("circle", { class: "reach", cx: x, cy: y, r: 13 }), s("circle", { class: `dot c${kindOf(node.org)}`, cx: x, cy: y, r }),
        s("text", { class: free ? "halo" : "halo quiet", x: (spot[0] + spot[2]) / 2, y: spot[3] - 4, "text-anchor": "middle" }, node.name));
    });
    circles.forEach((circle, n) => {
      const light = (on) => () => {
        const near = new Set([nodes[n], ...nodes[n].near]);
        drawing.setAttribute("class", on ? `near ${near.size <= 12 ? "few" : ""}` : "");
        edges.forEach((edge, k) => lines[k].setAttribute("class", `edge ${on ? (edge.from === nodes[n] || edge.to === nodes[n] ? "lit" : "dim") : ""}`));
        circles.forEach((other, k) => other.setAttribute("class", `node ${on ? (near.has(nodes[k]) ? "lit" : "dim") : ""}`));
      };
      for (const [event, on] of [["mouseenter", true], ["focus", true], ["mouseleave", false], ["blur", false]]) circle.addEventListener(event, light(on));
    });
    put(drawing, [s("g", { "aria-hidden": "true" }, lines), circles]);
    fill(box, drawing);
    fill($("network-legend"), unique(nodes.map((node) => String(kindOf(node.org)))).sort().map((kind) => h("li", null, swatch(kind), KIND_NAMES[kind])));
    const byName = (x, y) => x.org.rank - y.org.rank, tell = () => fill($("network-numbers").querySelector("div"), h("table", null, h("caption", { class: "unseen" }, "The organisations of the drawing and their partners in it"),
      h("thead", null, h("tr", null, ["Organisation", "Kind", "Partners in the drawing"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", null, nodes.map((node) => h("tr", null, h("th", { scope: "row" }, node.org.name), h("td", { class: "words" }, said(node.org.type)), h("td", { class: "words" }, [...node.near].sort(byName).map((other) => other.org.name).join("; ") || "none"))))));
    tellNetwork = tell;
    if ($("network-numbers").open) tell();
  }
  let tellNetwork = () => {};
  $("network-numbers").addEventListener("toggle", () => { if ($("network-numbers").open) tellNetwork(); });
  const swatch = (n) => s("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, s("rect", { class: `c${n}`, width: 10, height: 10, rx: 2 }));
  function arrange(nodes, width) { // each group of connected organisations in a box of its own, the boxes in rows; gives the height
    const groups = [], seen = new Set();
    for (const start of nodes) {
      if (seen.has(start)) continue;
      const group = [start];
      seen.add(start);
      for (const node of group) for (const other of node.near) if (!seen.has(other)) { seen.add(other); group.push(other); } // grows as it is walked
      groups.push(group.sort((x, y) => x.n - y.n));
    }
    groups.sort((x, y) => y.length - x.length || x[0].n - y[0].n);
    const boxes = groups.map((group) => {
      const side = Math.ceil(Math.sqrt(group.length)), name = Math.max(...group.map((node) => node.wide)) + 16;
      const whole = group.length > 5 && group.length >= nodes.length / 4, usual = Math.min(680, Math.max(420, width * 0.6), 150 + 45 * group.length);
      return {
        group, wide: whole ? width : Math.min(width, Math.max(name, 90 * side)),
        high: whole ? Math.round(usual * Math.max(1, Math.min(2.2, Math.sqrt(group.length / 60)))) : group.length === 1 ? 52 : 34 + 62 * Math.max(1, side - (group.length === 2 ? 1 : 0)),
      };
    });
    let top = 0;
    while (boxes.length) { // what fits beside each other is one row; what is left of its width goes to its boxes
      const row = [boxes.shift()];
      let used = row[0].wide;
      while (boxes.length && used + boxes[0].wide <= width) { used += boxes[0].wide; row.push(boxes.shift()); }
      const spare = (width - used) / row.length, high = Math.max(...row.map((one) => one.high));
      let left = 0;
      for (const one of row) {
        const room = row.length > 1 || one.wide + spare < 2 * one.wide ? spare : 0;
        lay(one.group, left + (row.length === 1 ? (spare - room) / 2 : 0), top, one.wide + room, high);
        left += one.wide + spare;
      }
      top += high;
    }
    return Math.round(top);
  }
  function lay(group, left, top, wide, high) { // Fruchterman and Reingold 1991 without walls, from a spiral, then fitted: the same drawing each time
    const size = group.length, edge = Math.min(70, wide * 0.16), box = { left: left + edge, top: top + 22, wide: wide - 2 * edge, high: high - 50 };
    if (size <= 2) {
      group.forEach((node, n) => { node.x = left + wide / 2; node.y = size === 1 ? top + high / 2 - 6 : box.top + box.high * n; });
    } else {
      const steps = size <= 100 ? 300 : 120, inGroup = new Set(group), links = group.flatMap((from) => from.near.filter((to) => to.n < from.n && inGroup.has(to)).map((to) => [from, to]));
      group.forEach((node, n) => { const turn = n * 2.399963, far = Math.sqrt(n + 0.5); node.x = far * Math.cos(turn); node.y = far * Math.sin(turn); });
      for (let step = 0; step < steps; step++) { // distances in units of one place's side
        const heat = Math.max(0.02, 0.25 * Math.sqrt(size) * (1 - step / steps));
        for (const node of group) { node.dx = -0.15 * node.x; node.dy = -0.15 * node.y; }
        for (let i = 0; i < size; i++) {
          const one = group[i];
          for (let j = 0; j < i; j++) {
            const other = group[j], x = one.x - other.x, y = one.y - other.y, push = 1 / Math.max(0.01, x * x + y * y);
            one.dx += x * push; one.dy += y * push; other.dx -= x * push; other.dy -= y * push;
          }
        }
        for (const [from, to] of links) {
          const x = from.x - to.x, y = from.y - to.y, pull = Math.sqrt(x * x + y * y) / Math.sqrt(Math.max(1, Math.min(from.near.length, to.near.length)));
          from.dx -= x * pull; from.dy -= y * pull; to.dx += x * pull; to.dy += y * pull;
        }
        for (const node of group) {
          const far = Math.max(0.001, Math.sqrt(node.dx * node.dx + node.dy * node.dy)), go = Math.min(far, heat) / far;
          node.x += node.dx * go; node.y += node.dy * go;
        }
      }
      for (const [axis, from, length] of [["x", box.left, box.wide], ["y", box.top, box.high]]) { // half by distance, half by order, so that neither the middle crowds nor the border
        const order = [...group].sort((one, other) => one[axis] - other[axis] || one.n - other.n), low = order[0][axis], span = order[size - 1][axis] - low || 1;
        order.forEach((node, n) => { node.place = 0.5 * ((node[axis] - low) / span) + 0.5 * (n / (size - 1)); });
        for (const node of group) node[axis] = from + length * node.place;
      }
      const apart = Math.min(64, 0.75 * Math.sqrt((box.wide * box.high) / size));
      for (let step = 0; step < 40; step++) {
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < i; j++) {
            const one = group[i], other = group[j], x = one.x - other.x, y = one.y - other.y, far = Math.sqrt(x * x + y * y);
            if (far >= apart) continue;
            const [goX, goY] = far < 0.01 ? [apart / 4, 0] : [(x / far) * (apart - far) * 0.25, (y / far) * (apart - far) * 0.25];
            one.x += goX; one.y += goY; other.x -= goX; other.y -= goY;
          }
        }
        for (const node of group) {
          node.x = Math.min(box.left + box.wide, Math.max(box.left, node.x));
          node.y = Math.min(box.top + box.high, Math.max(box.top, node.y));
        }
      }
    }
    for (const node of group) { node.x = Math.round(node.x * 10) / 10; node.y = Math.round(node.y * 10) / 10; }
  }

  // -- countries

  function drawMatrix() {
    const count = new Map(), sum = new Map(), key = (x, y) => (x < y ? `${x},${y}` : `${y},${x}`);
    for (const p of pairs) {
      const x = p.a.country, y = p.b.country;
      count.set(key(x, y), (count.get(key(x, y)) || 0) + 1);
      for (const c of new Set([x, y])) sum.set(c, (sum.get(c) || 0) + 1);
    }
    const all = [...sum.keys()].filter(Boolean).sort((x, y) => sum.get(y) - sum.get(x) || (x < y ? -1 : 1)), shown = all.slice(0, MATRIX_SIDE);
    if (sum.has("")) shown.push("");
    const most = Math.max(1, ...count.values());
    const table = h("table", null, h("caption", { class: "unseen" }, "Partnerships between countries"),
      h("thead", null, h("tr", null, h("td"), shown.map((c) => h("th", { scope: "col", title: land(c) }, c ? h("abbr", { title: land(c) }, c) : "none")))),
      h("tbody", null, shown.map((row) => h("tr", null, h("th", { scope: "row" }, land(row)), shown.map((column) => {
        const n = count.get(key(row, column)) || 0;
        return h("td", { class: n ? `h${Math.max(1, Math.ceil((4 * Math.log1p(n)) / Math.log1p(most)))}` : null }, n ? h("a", { href: `#countries=${row},${column}`, "aria-label": `${land(row)} and ${land(column)}: ${some(n, "partnership")}` }, counted(n)) : "");
      })))));
    fill($("matrix-table"), table);
    if (all.length > MATRIX_SIDE) $("matrix").append(h("p", { class: "muted" }, `The ${MATRIX_SIDE} countries with the most partnerships, of ${all.length}.`));
  }

  // -- areas over time

  const byYear = new Map(), byArea = new Map();
  for (const row of data.facts) {
    const year = (firstDay(row[5]) || docs[row[1]].day).slice(0, 4) || "no date", area = code(row[3]);
    if (!byYear.has(year)) byYear.set(year, new Map());
    byYear.get(year).set(area, (byYear.get(year).get(area) || 0) + 1);
    byArea.set(area, (byArea.get(area) || 0) + 1);
  }
  const areas = [...byArea.keys()].sort((x, y) => byArea.get(y) - byArea.get(x) || (x < y ? -1 : 1));
  function yearsOf() {
    const told = [...byYear.keys()].filter((year) => /^\d{4}$/.test(year)).sort(), years = [];
    if (told.length && told[told.length - 1] - told[0] <= 60) for (let year = Number(told[0]); year <= Number(told[told.length - 1]); year++) years.push(String(year));
    else years.push(...told);
    return byYear.has("no date") ? [...years, "no date"] : years;
  }
  function drawAreas() {
    const years = yearsOf(), box = $("areas-drawing");
    if (!years.length) { fill(box, h("p", { class: "muted" }, "No facts.")); return; }
    const width = Math.max(300, box.clientWidth), height = 300, left = 44, bottom = 28, top = 14, step = (width - left - 10) / years.length;
    const total = (year) => [...(byYear.get(year) || new Map()).values()].reduce((x, y) => x + y, 0);
    const most = Math.max(1, ...years.map(total)), unit = 10 ** Math.floor(Math.log10(most)), tick = Math.max(1, most / unit > 5 ? unit * 2 : most / unit > 2 ? unit : unit / 2), peak = Math.ceil(most / tick) * tick;
    const y = (n) => height - bottom - ((height - bottom - top) * n) / peak;
    const drawing = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Facts by year, ${years[0]} to ${years[years.length - 1]}; the numbers are in the table below` });
    for (let n = 0; n <= peak; n += tick) put(drawing, [s("line", { class: "axis", x1: left, x2: width - 8, y1: y(n), y2: y(n) }), s("text", { x: left - 6, y: y(n) + 4, "text-anchor": "end" }, counted(n))]);
    const every = Math.ceil(40 / step);
    years.forEach((year, n) => {
      let sum = 0;
      const counts = byYear.get(year) || new Map(), parts = areas.slice(0, COLOURS - 1).map((area) => [said(area), counts.get(area) || 0]);
      parts.push(["other areas", total(year) - parts.reduce((x, part) => x + part[1], 0)]);
      parts.forEach(([name, count], colour) => {
        if (!count) return;
        drawing.append(s("rect", { class: `c${colour}`, x: (left + n * step + step * 0.12).toFixed(1), width: (step * 0.76).toFixed(1), y: y(sum + count).toFixed(1), height: (y(sum) - y(sum + count)).toFixed(1) }, s("title", null, `${year}: ${name} ${count}`)));
        sum += count;
      });
      if (n % every === 0) drawing.append(s("text", { x: left + (n + 0.5) * step, y: height - 9, "text-anchor": "middle" }, year === "no date" && step < 52 ? "?" : year));
    });
    fill(box, drawing);
    fill($("areas-legend"), areas.slice(0, COLOURS - 1).map((area, n) => h("li", null, swatch(n), h("a", { href: `#category=${encodeURIComponent(area)}` }, said(area)), ` ${counted(byArea.get(area))}`)),
      areas.length >= COLOURS && h("li", null, swatch(COLOURS - 1), "other areas ", counted(areas.slice(COLOURS - 1).reduce((x, area) => x + byArea.get(area), 0))));
  }
  $("areas-numbers").addEventListener("toggle", () => {
    const years = yearsOf();
    fill($("areas-numbers").querySelector("div"), h("table", null, h("caption", { class: "unseen" }, "Facts by area and year"), h("thead", null, h("tr", null, h("th", { scope: "col" }, "Area"), years.map((year) => h("th", { scope: "col" }, year)), h("th", { scope: "col" }, "all"))),
      h("tbody", null, areas.map((area) => h("tr", null, h("th", { scope: "row" }, said(area)), years.map((year) => h("td", null, (byYear.get(year) && byYear.get(year).get(area)) || "")), h("td", null, counted(byArea.get(area))))))));
  }, { once: true });

  // -- merges

  const links = data.links.map(([kind, left, right, score, verdict, by, reasons], n) => ({ n, kind, left, right, score, verdict, by, reasons, words: null }));
  const decided = new Map();
  const VERDICTS = { unsure: "unsure: kept apart", linked: "merged", forbidden: "kept apart by a rule" };
  const merges = makeList({
    table: $("links"), pages: $("links-pages"), size: MERGE_ROWS, rows: links, sorted: 3, descending: true,
    columns: [
      { name: "One name", value: (l) => fold(l.left) }, { name: "Other name", value: (l) => fold(l.right) }, { name: "Kind", value: (l) => l.kind },
      { name: "Score", value: (l) => l.score, falls: true, number: true }, { name: "Why" }, { name: "Your decision" },
    ],
    row: (l) => h("tr", { role: "row" }, h("th", { role: "rowheader", scope: "row", class: "pairname" }, h("span", null, l.left)), cell("Other name", { class: "pairname" }, h("span", null, l.right)),
      plain("Kind", "", l.kind), plain("Score", "number", l.score.toFixed(2)), cell("Why", { class: "why" }, h("ul", { class: "reasons" }, l.reasons.map((reason) => h("li", null, reason)))),
      cell("Decision", null, h("fieldset", null, h("legend", { class: "unseen" }, `${l.left} and ${l.right}`), ["same", "different"].map((verdict) => h("label", null,
        h("input", { type: "radio", name: `decision-${l.n}`, value: verdict, checked: decided.get(l.n) === verdict, onchange: () => { decided.set(l.n, verdict); tellDecisions(); } }), ` ${verdict}`))))),
    tell: (found) => { $("merges-found").textContent = some(found, "pair") + " of names"; },
  });
  function filterMerges() {
    const verdict = $("verdict").value, asked = fold($("merge-search").value).split(/\s+/).filter(Boolean);
    merges.filter((l) => (!verdict || l.verdict === verdict) && asked.every((word) => (l.words = l.words || fold(`${l.left}\n${l.right}`)).includes(word)));
  }
  function tellDecisions() {
    $("save").disabled = decided.size === 0;
    $("save").textContent = `Save decisions.csv (${decided.size})`;
  }
  const cellOf = (text) => `"${(/^(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/.test(text) ? "'" : "") + text.replaceAll('"', '""')}"`; // as the CSV of the tables: no formulas
  $("save").addEventListener("click", () => {
    const rows = [...decided].sort((x, y) => x[0] - y[0]).map(([n, verdict]) => [links[n].left, links[n].right, verdict, ""].map(cellOf).join(","));
    const address = URL.createObjectURL(new Blob([["left,right,verdict,note", ...rows, ""].join("\r\n")], { type: "text/csv" }));
    h("a", { href: address, download: "decisions.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  });
  put($("verdict"), ["unsure", "linked", "forbidden"].map((verdict) => h("option", { value: verdict }, `${VERDICTS[verdict]} (${counted(links.filter((l) => l.verdict === verdict).length)})`)));
  $("verdict").addEventListener("change", filterMerges);
  $("merge-search").addEventListener("input", later(filterMerges, 100));

  // -- where the page stands: the address says it, so that links and the back button work

  const home = document.title;
  let origin = null; // what led to the partnership that is shown: the address before, and the element
  let address = null;
  function leavePair() {
    if (origin) history.back(); else location.hash = "#partnerships";
  }
  function route() {
    const [, name, value] = /^#(\w+)=?(.*)$/.exec(location.hash) || [null, "", ""];
    const wanted = name === "pair" && byPair.get(value.split("+").map(decode).join("+")), left = !wanted && !$("pair").hidden;
    if (wanted) {
      if ($("pair").hidden) origin = address === null ? null : { address, element: document.activeElement };
      address = location.hash;
      $("overview").hidden = true;
      $("pair").hidden = false;
      drawPair(wanted);
      document.title = `${wanted.a.name} – ${wanted.b.name}`;
      window.scrollTo({ top: 0, behavior: "instant" });
      $("pair-title").focus({ preventScroll: true });
      return;
    }
    const link = left && address; // of the partnership that was shown
    address = location.hash;
    $("overview").hidden = false;
    $("pair").hidden = true;
    document.title = home;
    if (!drawn) drawAll();
    const org = name === "org" ? byId.get(decode(value)) || null : null, lands = name === "countries" ? value.split(",") : null;
    const kept = org === chosen.org && String(lands) === String(chosen.lands);
    const back = left && (origin ? origin.address === address : name === "partnerships"); // not where a link on its page led
    if (["org", "countries", "category", "partnerships"].includes(name) && !(kept && (back || name === "partnerships"))) {
      chosen.org = org;
      chosen.lands = lands;
      if (org || lands) $("filters").querySelectorAll("input, select").forEach((field) => { field.value = ""; });
      if (name === "category") $("category").value = decode(value);
      applyFilters();
    }
    if (back) {
      const before = origin && origin.element.isConnected && $("overview").contains(origin.element) ? origin.element : [...$("pairs").tBodies[0].querySelectorAll("a")].find((a) => a.hash === link);
      if (before) { before.scrollIntoView({ block: "center", behavior: "instant" }); before.focus({ preventScroll: true }); return; }
    }
    const section = $({ org: "partnerships", countries: "partnerships", category: "partnerships" }[name] || name);
    if (section && section.tagName === "SECTION") {
      section.scrollIntoView();
      section.querySelector("h2").focus({ preventScroll: true });
    }
  }
  function decode(text) { // an address may be typed or cut
    try { return decodeURIComponent(text); } catch { return text; }
  }
  document.querySelector(".skip").addEventListener("click", (event) => { // without a step in the address, which would leave the partnership
    event.preventDefault();
    $("main").scrollIntoView();
    $("main").focus({ preventScroll: true });
  });
  let drawn = false;
  function drawAll() { // drawings need the width of a page that is shown
    drawn = true;
    drawNetwork();
    drawAreas();
  }
  if (window.innerWidth < 600) $("network-size").value = "20";
  applyFilters();
  filterMerges();
  drawMatrix();
  route();
  $("network-size").addEventListener("change", drawNetwork);
  let width = window.innerWidth;
  window.addEventListener("resize", later(() => { if (window.innerWidth !== width && !$("overview").hidden) { width = window.innerWidth; drawAll(); } }, 200));
  window.addEventListener("hashchange", route);
})();
