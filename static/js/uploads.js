// Files that are chosen, dropped or pasted are sent at once, and wait for their form. Without this they come with it.
"use strict";

const places = [...document.querySelectorAll("[data-uploads]")].map((place) => {
  const input = place.querySelector("input[type=file]"), form = input.form;
  return { address: place.dataset.uploads, input, form, list: document.querySelector(place.dataset.list), text: form.querySelector("textarea[data-pictures]") };
});
let sent = Promise.resolve(); // one file after the other, so that they stand in the order in which they were chosen
let left = 0;

// Rows from the server, with what their form keeps of them.
function show(place, html) {
  const rows = document.createElement("template");
  rows.innerHTML = html;
  place.list.append(...rows.content.querySelectorAll("li"));
  place.form.dispatchEvent(new Event("input", { bubbles: true }));
}

// A picture stands in the text where somebody was writing, on a line of its own.
function put(text, picture) {
  const { value, selectionStart: at } = text, before = at && value[at - 1] !== "\n" ? "\n" : "";
  text.setRangeText(`${before}${picture}\n`, at, text.selectionEnd, "end");
}

function refuse(place, name, words) {
  place.list.append(Object.assign(document.createElement("li"), { className: "error", textContent: `${name}: ${words}` }));
}

function post(place, file, progress) {
  return new Promise((done) => {
    const body = new FormData(), request = new XMLHttpRequest();
    body.append("csrfmiddlewaretoken", place.form.elements.csrfmiddlewaretoken.value);
    body.append("file", file, file.name);
    request.open("POST", place.address);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", ({ loaded, total }) => { progress.value = loaded / total; });
    request.addEventListener("loadend", () => done(request));
    request.send(body);
  });
}

async function send(place, file) {
  const { most, over } = place.input.dataset;
  if (file.size > Number(most)) return refuse(place, file.name, over);
  const row = document.createElement("li"), progress = Object.assign(document.createElement("progress"), { value: 0, ariaLabel: file.name });
  row.append(progress, ` ${file.name}`);
  place.list.append(row);
  const answer = await post(place, file, progress);
  row.remove();
  const rows = answer.responseText.trimStart();
  if (!answer.status) say("say-offline");
  else if (answer.status === 401 || answer.getResponseHeader("HX-Redirect")) say("say-signed-out");
  else if (answer.status !== 201 && !rows.startsWith("<li")) say("say-failed");
  else {
    const picture = place.list.children.length;
    show(place, rows);
    const added = place.list.children[picture];
    if (!added) return; // the ticket has this file of theirs already
    if (added.dataset.insert && place.text) {
      put(place.text, added.dataset.insert);
      place.form.dispatchEvent(new Event("input", { bubbles: true }));
    }
    say("", added.innerText);
  }
}

function sendAll(place, files) {
  for (const file of files) {
    left += 1;
    sent = sent.then(() => send(place, file)).finally(() => { left -= 1; });
  }
}

for (const place of places) {
  place.input.addEventListener("change", () => {
    sendAll(place, [...place.input.files]);
    place.input.value = "";
  });
  // Whoever sends the form before its files are there sends it when they are.
  place.form.addEventListener("submit", (event) => {
    if (!left) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say("say-sending");
    const { submitter } = event;
    sent = sent.then(() => setTimeout(() => place.form.requestSubmit(submitter)));
  }, { capture: true });
  place.list.addEventListener("change", ({ target }) => {
    const picture = target.closest("[data-insert]")?.dataset.insert;
    if (!picture || !place.text) return;
    if (target.checked) put(place.text, picture);
    else place.text.value = place.text.value.replace(`${picture}\n`, "").replace(picture, "");
  });
  // Of a draft those that wait still; a form that came back has its own.
  const { files } = "draft" in place.form.dataset && !("typed" in place.form.dataset) ? store.read(draftName(place.form)) ?? {} : {};
  if (files) fetch(`${place.address}?${files.map((name) => `${name}=on`).join("&")}`, { headers: { "HX-Request": "true" } })
    .then((answer) => (answer.ok ? answer.text() : "")).then((rows) => show(place, rows)).catch(() => { /* the text is there */ });
}

// Wherever on the page something is dropped or pasted, it goes to the form there, or to the last one.
const placeOf = (target) => places.find(({ form }) => form.contains(target)) ?? places.at(-1);
const take = (event, { files }) => {
  event.preventDefault();
  sendAll(placeOf(event.target), [...files]);
};
// What comes with a text, as from a spreadsheet, is meant as text.
document.addEventListener("paste", (event) => {
  const { clipboardData } = event;
  if (clipboardData.files.length && !clipboardData.types.includes("text/plain")) take(event, clipboardData);
});
document.addEventListener("dragover", (event) => {
  if (event.dataTransfer.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (event.dataTransfer.files.length) take(event, event.dataTransfer);
});
