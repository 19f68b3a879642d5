// Keys, kept drafts and the live suggestion. The desk works without any of it.
"use strict";

const byId = (id) => document.getElementById(id);
const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

// --- Keys ---------------------------------------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll("tr[data-ticket]")];
const cursor = () => document.querySelector("tr.cursor");

function moveCursor(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(cursor());
  const row = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  cursor()?.classList.remove("cursor");
  row.classList.add("cursor");
  row.querySelector(".title a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

const keys = {
  "/": () => byId("search")?.focus(),
  j: () => moveCursor(1),
  k: () => moveCursor(-1),
  x: () => cursor()?.querySelector("input[type=checkbox]").click(),
  a: () => byId("approve")?.click(),
  e: () => byId("edit")?.click(),
  c: () => document.querySelector(".bar a[href$='/tickets/new/']")?.click(),
  "?": () => byId("keys").showModal(),
  "g h": () => document.querySelector(".bar nav a[href='/desk/']")?.click(),
  "g t": () => document.querySelector(".bar a[href$='/desk/tickets/']")?.click(),
};
let prefix = "";

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.form?.querySelector("button.primary, button.quiet")?.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const action = keys[prefix + event.key];
  prefix = event.key === "g" && !prefix ? "g " : "";
  if (!action) return;
  event.preventDefault();
  action();
});

// The row with the focus and the row under the cursor are one.
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("tr[data-ticket]");
  if (!row || row === cursor()) return;
  cursor()?.classList.remove("cursor");
  row.classList.add("cursor");
});

// --- Drafts: what is typed survives a reload and a crash, until it was sent ----------------------------------------

const person = document.body.dataset.person;
const draftName = (element) => `draft:${person}:${element.dataset.draft}`;
const draftFields = (element) =>
  element.matches("form") ? [...element.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit") : [element];

function saveDraft(element) {
  const values = {};
  for (const field of draftFields(element)) {
    if (field.type === "radio") { if (field.checked) values[field.name] = field.value; }
    else values[field.name] = field.value;
  }
  try { localStorage.setItem(draftName(element), JSON.stringify(values)); } catch { /* full or forbidden: no draft */ }
}

function restoreDraft(element) {
  let values;
  try { values = JSON.parse(localStorage.getItem(draftName(element))); } catch { return; }
  if (!values) return;
  for (const field of draftFields(element)) {
    if (!(field.name in values)) continue;
    if (field.type === "radio") field.checked = field.value === values[field.name];
    else if (!field.value || element.matches("[data-draft^=edit]")) field.value = values[field.name];
  }
}

for (const element of document.querySelectorAll("[data-draft]")) {
  // A form that the server gives back holds the newer text.
  if (!document.querySelector(".summary")) restoreDraft(element);
  element.addEventListener("input", () => saveDraft(element));
  (element.form ?? element).addEventListener("submit", () => {
    try { sessionStorage.setItem("sent", draftName(element)); } catch { /* the draft stays */ }
  });
}
// Sent and taken: the answer is another page than the form.
try {
  const sent = sessionStorage.getItem("sent");
  if (sent && !document.querySelector(".summary") && document.querySelector("#notices .notice")) localStorage.removeItem(sent);
  sessionStorage.removeItem("sent");
} catch { /* no storage, no drafts */ }

// --- The suggestion while one types --------------------------------------------------------------------------------

const suggestion = byId("suggestion");
if (suggestion) {
  const form = byId("new-ticket");
  const { title, description, ai_suggested_severity: suggested } = form.elements;
  let timer, asked = "", request;
  const ask = async () => {
    const text = new URLSearchParams({ title: title.value, description: description.value });
    if (!title.value.trim() || text.toString() === asked) return;
    asked = text.toString();
    request?.abort();
    request = new AbortController();
    try {
      const answer = await fetch(suggestion.dataset.url, {
        method: "POST", body: text, signal: request.signal, headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      });
      if (!answer.ok || answer.redirected) return;
      suggestion.innerHTML = await answer.text();
      const take = suggestion.querySelector("[data-severity]");
      if (take) suggested.value = take.dataset.severity;
    } catch { /* newer text is being asked for, or the network is away: no suggestion */ }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(ask, 600); };
  title.addEventListener("input", soon);
  description.addEventListener("input", soon);
  suggestion.addEventListener("click", (event) => {
    const take = event.target.closest("[data-severity]");
    if (!take) return;
    const radio = form.querySelector(`[name=severity][value=${take.dataset.severity}]`);
    radio.checked = true;
    radio.focus();
    saveDraft(form);
  });
  ask();
}

// --- Focus ---------------------------------------------------------------------------------------------------------

document.querySelector(".summary")?.focus();
document.querySelector("[aria-invalid=true]")?.focus();
document.body.addEventListener("htmx:afterSettle", (event) => {
  // A part that held the focus is gone: the new one takes it, so that keys go on from there.
  if (document.activeElement === document.body && event.target.id === "results") byId("search")?.focus({ preventScroll: true });
});
document.body.addEventListener("htmx:sendError", () => {
  byId("notices").innerHTML = '<p class="notice error">The server cannot be reached. What you typed is kept; try again in a moment.</p>';
});
