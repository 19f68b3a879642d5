// Keys, kept drafts, and what screen readers hear of a partial update. The desk works without any of it.
"use strict";

const byId = (id) => document.getElementById(id);
const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

// Browsers may forbid storage or have none left; then there are no drafts, and that is all.
const store = {
  read(name) { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } },
  write(name, value) { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* see above */ } },
  drop(name) { try { localStorage.removeItem(name); } catch { /* see above */ } },
};

// Show or read out a message of templates/includes/said.html, or a text.
function say(id, text) {
  if (text && sender?.ariaBusy) return; // what comes along meanwhile does not hide that something is being sent
  byId("said").replaceChildren(text ? Object.assign(document.createElement("p"), { className: "hidden-text", textContent: text }) : byId(id).content.cloneNode(true));
}

// --- Keys ---------------------------------------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll("tr[data-ticket]")];
const cursor = () => document.querySelector("tr.cursor");
const follow = (selector) => document.querySelector(selector)?.click();

function setCursor(row) {
  cursor()?.classList.remove("cursor");
  row.classList.add("cursor");
}

function moveCursor(step) {
  const all = rows();
  if (!all.length) return follow(step > 0 ? "a[rel=next]" : "a[rel=prev]");
  const at = all.indexOf(cursor());
  const row = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  setCursor(row);
  row.querySelector(".title a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

// What is typed or chosen and not sent yet: keys that decide or lead away wait for it.
const unsent = () => document.querySelector("[data-unsent]");

function choose(at) {
  const level = document.querySelectorAll("#decision input")[at];
  if (!level) return;
  level.click();
  (level.value === "APPROVE" ? level : byId("reason")).focus();
}

function approve() {
  if (document.querySelector("tr[data-ticket] [type=checkbox]") && !document.querySelector("tr[data-ticket] :checked")) say("say-select");
  else byId("approve")?.click();
}

function showKeys() {
  byId("keys").showModal();
  byId("keys").querySelector("button").focus();
}

const keys = {
  "/": () => { if (byId("search")) byId("search").focus(); else location.href = `${byId("go-tickets").href}#search`; },
  j: () => moveCursor(1),
  k: () => moveCursor(-1),
  x: () => cursor()?.querySelector("input[type=checkbox]")?.click(),
  a: approve,
  e: () => byId("edit")?.click(),
  c: () => byId("go-new").click(),
  r: () => byId("comment-form")?.elements.text.focus(),
  "?": showKeys,
  "g h": () => byId("go-home").click(),
  "g t": () => byId("go-tickets").click(),
  "g i": () => byId("go-inbox").click(),
  "g r": () => byId("go-review")?.click(),
};
for (const n of [1, 2, 3, 4, 5]) keys[n] = () => choose(n - 1);
const KEYS_OFF = "keys-off";
let prefix = "", forget;

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return sendFormOf(target);
  if (event.key === "Escape") return escape(event);
  if (inHits(event)) return;
  if (event.key === "Enter" && target.matches("tr[data-ticket] [type=checkbox]")) {
    event.preventDefault();
    return target.closest("tr").querySelector(".title a").click();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(target) || document.querySelector("dialog[open]")) return;
  if (store.read(KEYS_OFF) && event.key !== "?") return;
  const action = keys[prefix + event.key];
  clearTimeout(forget);
  prefix = event.key === "g" && !prefix ? "g " : "";
  forget = setTimeout(() => { prefix = ""; }, 1500);
  if (!action) return;
  event.preventDefault();
  if (unsent() && !(unsent().id === "review-form" ? "?r12345" : "?r").includes(event.key)) say("say-unsent");
  else action();
});

// Escape closes what is open, else leaves the search, which keeps its words.
function escape(event) {
  showSending(null);
  const popup = document.querySelector("details[data-popup][open]");
  if (popup) {
    popup.open = false;
    popup.querySelector("summary").focus();
  } else if (event.target.id === "search") event.target.blur();
  else return;
  event.preventDefault();
}
const inside = ({ left, right, top, bottom }, { clientX, clientY }) => left <= clientX && clientX <= right && top <= clientY && clientY <= bottom;
document.addEventListener("click", (event) => {
  const { target } = event;
  for (const popup of document.querySelectorAll("details[data-popup][open]")) if (!popup.contains(target)) popup.open = false;
  if (target.id === "keys" && !inside(target.getBoundingClientRect(), event)) target.close();
});

// The arrow leads from the search into its hits, through them, and back.
function inHits(event) {
  const { target, key } = event, row = target.closest("tr[data-ticket]");
  if (!["ArrowDown", "ArrowUp"].includes(key) || !(row ? target.matches("a") : target.id === "search" && key === "ArrowDown")) return false;
  event.preventDefault();
  if (key === "ArrowUp" && row === rows()[0]) byId("search")?.focus();
  else if (rows().length) {
    if (!row) cursor()?.classList.remove("cursor");
    moveCursor(key === "ArrowDown" ? 1 : -1);
  }
  return true;
}

// Press the button that comes next after the field, which is the one that belongs to it.
function sendFormOf(field) {
  const buttons = [...(field.form?.querySelectorAll("button:not([type=button], [disabled])") ?? [])];
  (buttons.find((button) => field.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING) ?? buttons.at(-1))?.click();
}

// The row with the focus and the row under the cursor are one.
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("tr[data-ticket]");
  if (row) setCursor(row);
});
if (location.hash === "#search") byId("search")?.focus();

const keysOn = byId("keys-on");
if (keysOn) {
  byId("show-keys").addEventListener("click", showKeys);
  keysOn.checked = !store.read(KEYS_OFF);
  keysOn.addEventListener("change", () => { if (keysOn.checked) store.drop(KEYS_OFF); else store.write(KEYS_OFF, true); });
}

// --- Drafts: what is typed survives a reload and a crash, until it was sent ----------------------------------------

const person = document.body.dataset.person;
const draftName = (element) => `draft:${person}:${element.dataset.draft}`;
const UNKEPT = ["csrfmiddlewaretoken", "ai_suggested_severity"];
// A draft carries the version of the ticket that it was written for, so that the server can bring it together with
// what others changed since; and the key of its form, so that what was sent before a crash is not raised twice.
const draftFields = (element) =>
  [...element.elements].filter((field) => field.name && !["submit", "file"].includes(field.type) && !UNKEPT.includes(field.name) && !("fresh" in field.dataset));

// Files wait at the server, and the draft knows which; uploads.js fetches them.
function valuesOf(element) {
  const fields = draftFields(element).filter((field) => field.type !== "radio" || field.checked);
  const files = [...element.querySelectorAll("[name^=upload-]:checked")].map((box) => box.name);
  return Object.fromEntries([
    ...fields.map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]),
    ...(files.length ? [["files", files]] : []),
  ]);
}

function fill(element, values) {
  for (const field of draftFields(element)) {
    if (!(field.name in values)) continue;
    if (field.type === "radio") field.checked = field.value === values[field.name];
    else if (field.type === "checkbox") field.checked = values[field.name];
    else field.value = values[field.name];
  }
}

// Sent and taken: the answer is another page that says so. One that offers to send it again is not yet the answer.
try {
  const sent = sessionStorage.getItem("sent");
  if (sent && document.querySelector("#notices .success")) store.drop(sent);
  if (!document.querySelector("[data-again]")) sessionStorage.removeItem("sent");
} catch { /* the draft stays */ }

// Whoever comes back to a form by Back or Reload sends the same form again, not another one of the same text.
const key = document.querySelector("[data-keyed]")?.elements.key;
if (key && history.state?.key && !store.read(draftName(key.form))) key.value = history.state.key;

function keepDrafts(root) {
  for (const element of root.querySelectorAll("[data-draft]")) keepDraft(element);
}
function keepDraft(element) {
  const name = draftName(element), before = valuesOf(element), draft = store.read(name);
  const note = element.querySelector("[data-draft-note]");
  // A form that the server gives back holds the newer text.
  if (draft && !("typed" in element.dataset)) {
    fill(element, draft);
    if (note) note.hidden = false;
  }
  const markUnsent = () => element.toggleAttribute("data-unsent", "typed" in element.dataset || JSON.stringify(valuesOf(element)) !== JSON.stringify(before));
  markUnsent();
  note?.querySelector("[data-discard]").addEventListener("click", () => {
    store.drop(name);
    fill(element, before);
    for (const box of element.querySelectorAll("[name^=upload-]")) box.closest("li").remove();
    markUnsent();
    note.hidden = true;
    element.querySelector("textarea").focus();
  });
  element.addEventListener("input", () => {
    markUnsent();
    if ("unsent" in element.dataset) store.write(name, valuesOf(element));
    else store.drop(name);
  });
  element.addEventListener("submit", () => {
    try { sessionStorage.setItem("sent", name); } catch { /* the draft stays */ }
  });
}
keepDrafts(document);

if (key) history.replaceState({ ...history.state, key: key.value }, "");

// --- Forms: not sent into nowhere, not sent twice -------------------------------------------------------------------

const sentForms = new Set();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  if (!navigator.onLine) {
    event.preventDefault();
    say("say-offline");
  } else if (event.target.method === "post") {
    const sent = event.target;
    if (sentForms.has(sent)) event.preventDefault();
    // Where the answer is a download the page stays, and the form can be used again.
    if (!("answersWithFile" in sent.dataset)) sentForms.add(sent);
    setTimeout(() => sentForms.delete(sent), 5000); // somebody may have stopped it, and means it the second time
    sent.querySelector("[data-busy]")?.removeAttribute("hidden");
    if (!event.defaultPrevented && !("answersWithFile" in sent.dataset)) showSending(event.submitter ?? sent);
  }
});

// What takes longer than 300 ms shows that it is being sent; null takes that back.
let sending, sender;
function showSending(button) {
  clearTimeout(sending);
  if (sender?.ariaBusy) {
    sender.ariaBusy = null;
    byId("said").replaceChildren();
  }
  sender = button;
  if (button) sending = setTimeout(() => {
    button.ariaBusy = "true";
    say("say-sending");
  }, 300);
}

window.addEventListener("pageshow", () => {
  sentForms.clear();
  showSending(null);
  for (const note of document.querySelectorAll("[data-busy]")) note.hidden = true;
});

// --- The suggestion while one types --------------------------------------------------------------------------------

const form = byId("new-ticket");
if (form) {
  // A draft or a form that came back has a title already. htmx listens from DOMContentLoaded on.
  document.addEventListener("DOMContentLoaded", () => {
    if (byId("id_title").value) byId("id_title").dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "suggestion") form.elements.ai_suggested_severity.value = byId("take")?.dataset.severity ?? "";
  });
  byId("suggestion").addEventListener("click", (event) => {
    const take = event.target.closest("[data-severity]");
    if (!take) return;
    const radio = form.querySelector(`[name=severity][value=${take.dataset.severity}]`);
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// --- Canned texts: "/" at the beginning of a line leads to them, and what is chosen takes its place ------------------

const leads = ({ value, selectionStart: at }) => value[at - 1] === "/" && [undefined, "\n"].includes(value[at - 2]);
document.addEventListener("input", ({ target, data }) => {
  const list = document.querySelector(`select[data-canned="${target.id}"]`);
  if (!list || data !== "/" || !leads(target)) return;
  list.focus();
  try { list.showPicker(); } catch { /* it has the focus, and opens as any other */ }
});
document.addEventListener("change", ({ target }) => {
  const field = byId(target.dataset.canned), text = field && target.selectedOptions[0].dataset.text;
  if (!text) return;
  field.setRangeText(text, field.selectionStart - (leads(field) ? 1 : 0), field.selectionEnd, "end");
  target.value = "";
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// --- "@" and the beginning of a name in a comment: people to choose from, below the field -------------------------------

const people = byId("people");
if (people) {
  const field = people.closest("form").elements.text;
  const typedName = () => /(?:^|[^\w.@+-])@([^\s@]{1,60})$/.exec(field.value.slice(0, field.selectionEnd))?.[1];
  const selected = () => people.querySelector("[aria-selected=true]");
  let turn = 0;
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", people.id);

  function select(option) {
    selected()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
  }
  function close() {
    turn += 1; // what was asked for meanwhile comes too late
    people.hidden = true;
    people.replaceChildren();
    field.removeAttribute("aria-activedescendant");
  }
  function take(option) {
    const name = typedName(), at = field.selectionEnd;
    if (name) field.setRangeText(`@${option.dataset.email} `, at - name.length - 1, at, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const move = (step) => {
    const all = [...people.children];
    select(all.at((all.indexOf(selected()) + step) % all.length));
  };
  const inList = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => take(selected()),
    Tab: () => take(selected()),
    Escape: close,
  };

  field.addEventListener("input", async () => {
    const name = typedName(), mine = turn += 1;
    if (!name) return close();
    await new Promise((done) => { setTimeout(done, 150); });
    if (mine !== turn) return;
    let options = "";
    try {
      const answer = await fetch(`${people.dataset.from}?${new URLSearchParams({ q: name })}`, { headers: { "HX-Request": "true" } });
      if (answer.ok) options = await answer.text();
    } catch { /* then nobody is offered */ }
    if (mine !== turn) return;
    people.innerHTML = options;
    people.hidden = !people.childElementCount;
    if (people.hidden) close(); else select(people.firstElementChild);
  });
  field.addEventListener("keydown", (event) => {
    if (people.hidden || event.ctrlKey || event.metaKey || event.shiftKey || !(event.key in inList)) return;
    event.preventDefault();
    event.stopPropagation();
    inList[event.key]();
  });
  field.addEventListener("blur", close);
  people.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  people.addEventListener("click", ({ target }) => take(target.closest("[role=option]") ?? selected()));
}

// --- The time zone of this device -------------------------------------------------------------------------------------

const offer = byId("device-zone");
if (offer) {
  const zones = byId("id_time_zone"), here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const option = [...zones.options].find(({ value }) => value === here);
  if (option && !option.selected) {
    offer.textContent = offer.textContent.replace("{zone}", option.text);
    offer.hidden = false;
    zones.closest(".field").append(offer);
    offer.addEventListener("click", () => {
      zones.value = here;
      zones.focus();
      offer.hidden = true;
    });
  }
}

// --- The list --------------------------------------------------------------------------------------------------------

function showSelectAll() {
  const all = byId("all");
  if (!all) return;
  all.hidden = false;
  all.addEventListener("change", () => { for (const box of document.querySelectorAll("tr[data-ticket] [type=checkbox]")) box.checked = all.checked; });
}
showSelectAll();

// Who comes back from a ticket finds page, row, selection and scroll as they were.
const LIST = "list";
const listed = () => [...new URLSearchParams(location.search)].filter(([, value]) => value).sort().join("&");
const boxes = () => [...document.querySelectorAll("tr[data-ticket] [type=checkbox]")];
function comeBack() {
  try {
    const left = JSON.parse(sessionStorage.getItem(LIST));
    if (left?.listed === listed()) {
      for (const box of boxes()) box.checked = left.chosen.includes(box.value);
      scrollTo({ top: left.top, behavior: "instant" });
    }
  } catch { /* then it begins at the row */ }
  const row = rows().find(({ id }) => `#${id}` === location.hash);
  if (!row) return;
  setCursor(row);
  row.querySelector(".title a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
if (byId("results") && byId("filters")) {
  // Not before: the browser itself goes to the row that the address names, and takes the focus from wherever it is.
  window.addEventListener("pageshow", ({ persisted }) => { if (!persisted && location.hash.startsWith("#TKT-")) comeBack(); });
  window.addEventListener("pagehide", () => {
    const chosen = boxes().filter((box) => box.checked).map((box) => box.value);
    try { sessionStorage.setItem(LIST, JSON.stringify({ listed: listed(), chosen, top: scrollY })); } catch { /* see above */ }
  });
}

// A link took a filter away: the fields of the search follow, but for the one that somebody is typing in.
function followAddress(fields, typedIn) {
  const query = new URLSearchParams(location.search);
  for (const field of fields) {
    if (!field.name || field.type === "hidden" || field === typedIn) continue;
    if (field.type === "checkbox") field.checked = query.get(field.name) === field.value;
    else field.value = query.get(field.name) ?? "";
  }
}
document.addEventListener("htmx:pushedIntoHistory", () => followAddress(byId("filters")?.elements ?? [], document.activeElement));
// A name that was typed has become the id of a person, who stands as a chip: the field is free for another one, unless
// somebody has typed on since.
let asked; // what the search has sent last
document.addEventListener("htmx:replacedInHistory", () => {
  const field = document.activeElement;
  followAddress(document.querySelectorAll("[data-who]"), field.value === asked?.get(field.name) ? null : field);
});

// Which saved view the list is showing now.
function followFilters() {
  let here = false;
  for (const link of document.querySelectorAll(".views [data-filters]")) {
    const is = !here && link.dataset.filters === byId("results").dataset.filters;
    if (is) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    here ||= is;
  }
  byId("go-tickets").setAttribute("aria-current", here ? "true" : "page");
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "filters") return;
  const { formData } = event.detail;
  for (const [name, value] of [...formData.entries()]) if (!value) formData.delete(name);
  asked = formData;
});

// --- After a partial update: focus and announcements -------------------------------------------------------------------

let lastSaid = byId("run")?.dataset.said;

// What is typed into the search is asked at once. Leaving it changes nothing, and must not swap the rows under the arrows.
byId("search")?.addEventListener("change", (event) => event.stopPropagation());

let hit; // the row that the focus was in
document.addEventListener("htmx:beforeSwap", () => {
  const focused = document.activeElement;
  hit = focused.matches("tr[data-ticket] .title a") ? focused.closest("tr").id : "";
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (["results", "runs", "rows"].includes(event.target.id)) {
    showSelectAll();
    // As htmx settles new rows it puts their classes back to what was sent, also of one that the arrows have reached since.
    const reached = document.activeElement.closest("tr[data-ticket]");
    if (reached) setCursor(reached);
    if (event.target.id === "results") followFilters();
    say("", byId(event.target.id).dataset.said);
    // htmx gives the focus back where what had it is there again; else it goes to the new part.
    if (document.activeElement === document.body) {
      const row = hit && rows().find(({ id }) => id === hit);
      if (row) row.querySelector(".title a").focus({ preventScroll: true });
      else if (hit && rows().length) moveCursor(1);
      else byId(event.target.id).focus({ preventScroll: true });
    }
  } else if (event.target.id === "run") {
    const said = byId("run").dataset.said;
    if (said !== lastSaid) say("", said);
    lastSaid = said;
  } else if (event.target.id === "unread") {
    const count = event.target.textContent.match(/\d+\+?/)?.[0] ?? "0";
    if (event.target.dataset.count !== count) say("", `${count} ${byId("say-unread").content.textContent}`);
    event.target.dataset.count = count;
  } else if (event.target.id === "similar" || event.target.id === "suggestion") {
    say("", [byId("suggestion"), byId("similar")].map((part) => part.innerText).join(". ").replace(/\s+/g, " ").slice(0, 300));
  }
});
const unread = byId("unread");
if (unread) unread.dataset.count = unread.textContent.match(/\d+\+?/)?.[0] ?? "0";

document.addEventListener("htmx:sendError", (event) => { if (event.target.id !== "unread") say("say-offline"); });
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) say("say-signed-out");
  else if (event.target.id !== "unread") say("say-failed");
});
