// Review mode: the next draft is fetched ahead and stands there at once; keys for each outcome. Works without any of it.
"use strict";

{
  const STANDS = 300; // milliseconds that a draft has to have stood before a key decides on it
  const RENEWED = 60_000;
  const draft = () => byId("draft");
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
  let ahead = null, coming = null; // the next draft, and the promise of it

  const numbers = () => [draft(), ahead].filter(Boolean).map((each) => each.dataset.ticket);

  // Resolves to the next draft, or to null where there is none.
  async function fetchAhead() {
    ahead = null;
    const address = new URL(draft().dataset.next, location.href);
    address.searchParams.append("besides", draft().dataset.ticket);
    try {
      const answer = await fetch(address, { headers });
      const part = document.createElement("template");
      part.innerHTML = answer.status === 200 ? await answer.text() : "";
      // A part is read as where scripts do not run, and what stands there for that case would take part in forms.
      for (const each of part.content.querySelectorAll("noscript")) each.remove();
      ahead = part.content.querySelector("#draft");
    } catch { /* then it comes with the whole page */ }
    draft().dataset.looked = "";
    return ahead;
  }

  function show(next) {
    draft().replaceWith(next);
    ahead = null;
    htmx.process(next);
    keepDrafts(next);
    const title = next.querySelector("h1").textContent;
    document.title = document.title.replace(/TKT-.*/, `${next.dataset.ticket} · ${title}`);
    scrollTo({ top: 0, behavior: "instant" });
    next.focus({ preventScroll: true });
    say("", `${byId("place").textContent}: ${title}`);
    stand();
  }
  function stand() {
    const shown = draft();
    setTimeout(() => { shown.dataset.ready = ""; }, STANDS);
  }

  async function hold() {
    if (document.visibilityState !== "visible") return;
    for (const number of numbers()) {
      const body = new URLSearchParams(number === draft().dataset.ticket ? { seen: "1" } : {});
      try { await fetch(draft().dataset.hold.replace("TKT-0", number), { method: "POST", headers, body }); } catch { /* the next time */ }
    }
  }

  // What the server would send back with the form is left to it.
  function isComplete(form) {
    if (form.id === "review-form") {
      const reason = form.elements.reason.value.trim(), decision = form.elements.decision.value;
      return decision === "APPROVE" ? !reason : Boolean(decision && reason);
    }
    return [...form.querySelectorAll("textarea, input:not([type=hidden])")].every((field) => field.value.trim());
  }

  async function send(form, button) {
    const body = new FormData(form, button), left = draft();
    const next = ahead ?? await coming;
    if (!next || draft() !== left) {
      if (draft() === left) HTMLFormElement.prototype.submit.call(withButton(form, button));
      return;
    }
    show(next);
    coming = post(form, button?.getAttribute("formaction") ?? form.action, body).then(fetchAhead);
  }

  // Says what came of it; whoever came second gets the typed text back.
  async function post(form, address, body) {
    let told = "", done = false;
    try {
      const answer = await fetch(address, { method: "POST", body, headers });
      const away = answer.headers.get("HX-Redirect");
      if (away) location.href = away;
      [told, done] = [await answer.text(), answer.ok];
    } catch {
      told = byId("say-offline").innerHTML;
    }
    if (done && form.dataset.draft) store.drop(draftName(form));
    if (done) byId("said").innerHTML = told;
    else byId("missed").insertAdjacentHTML("beforeend", told.includes("<html") ? byId("say-failed").innerHTML : told);
    hold();
  }

  // A button that was pressed is not sent along by `submit`.
  function withButton(form, button) {
    if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    if (button?.hasAttribute("formaction")) form.action = button.getAttribute("formaction");
    return form;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !form.closest("#draft .decision") || !navigator.onLine || !isComplete(form)) return;
    event.preventDefault();
    event.stopPropagation();
    send(form, event.submitter);
  }, true);

  document.addEventListener("click", ({ target }) => { if ("dismiss" in target.dataset) target.closest(".summary").remove(); });

  // --- Keys -----------------------------------------------------------------------------------------------------------

  const written = () => [...draft().querySelectorAll("textarea, input:not([type=hidden], [type=radio])")].some((field) => field.value.trim());
  function open(id, selector) {
    byId(id).open = true;
    byId(id).querySelector(selector).focus();
  }
  const outcomes = {
    a() { draft().querySelector("[name=decision][value=APPROVE]").click(); byId("approve").click(); },
    s: () => byId("skip").click(),
    h: () => open("snooze", "button"),
    d: () => open("duplicate", "button, input:not([type=hidden])"),
    u: () => byId("take-back").requestSubmit(),
    o: () => byId("open").click(),
  };
  const writing = { r: () => open("ask", "textarea") };
  for (const n of [1, 2, 3, 4, 5]) writing[n] = () => choose(n - 1);
  const held = new Set();

  document.addEventListener("keyup", ({ key }) => held.delete(key));
  window.addEventListener("blur", () => held.clear());
  document.addEventListener("keydown", (event) => {
    const { key, target } = event, act = outcomes[key] ?? writing[key];
    if (!act || prefix || !draft().dataset.ticket || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(target) || document.querySelector("dialog[open]") || store.read(KEYS_OFF)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat || held.has(key)) return;
    held.add(key);
    if (!("ready" in draft().dataset)) return;
    if (key in outcomes && written()) say("say-unsent");
    else act();
  }, true);

  // --- Holding what one looks at ------------------------------------------------------------------------------------

  stand();
  if (draft().dataset.ticket) {
    coming = fetchAhead();
    hold();
    setInterval(hold, RENEWED);
    document.addEventListener("visibilitychange", hold);
    window.addEventListener("pagehide", () => {
      const body = new FormData(byId("leave"));
      body.append("rest", "1");
      navigator.sendBeacon(byId("leave").action, body);
    });
    window.addEventListener("pageshow", ({ persisted }) => { if (persisted) hold(); });
  }
}
