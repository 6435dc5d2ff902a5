/* Client behaviour of every page: no inline handlers, no eval, so it runs under script-src 'self'. */
(() => {
  "use strict";
  const TICK = 2000; // ms between two refreshes of what a page watches
  const ACTIVE = 120000; // ms after the last sign of a person that a page goes on watching
  const root = document.documentElement;
  const body = document.body;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (name, act) => document.addEventListener(name, act);

  // Theme. The server reads the cookie, so the next page comes in the right colours at once.
  const dark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = () =>
    all("[data-theme-toggle]").forEach((button) => {
      button.hidden = false;
      button.textContent = dark() ? "Light" : "Dark";
    });
  const toggle = () => {
    root.dataset.theme = dark() ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
    label();
  };

  // Typed text is kept per tab until its form was accepted; signing out forgets it.
  const key = (field) => `keep:${location.pathname}:${field.dataset.keep}`;
  const restore = (within) =>
    all("[data-keep]", within).forEach((field) => {
      const text = sessionStorage.getItem(key(field));
      if (text && !field.value) field.value = text;
    });
  const forget = (form) => all("[data-keep]", form).forEach((field) => sessionStorage.removeItem(key(field)));
  on("input", ({ target }) => {
    if (target.dataset.keep) sessionStorage.setItem(key(target), target.value);
  });

  // Dialogs. Without script the form behind a dialog is sent as it is.
  on("submit", (event) => {
    const form = event.target;
    const dialog = document.getElementById(form.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    if ("signOut" in form.dataset) sessionStorage.clear();
  });
  on("click", ({ target }) => {
    if (target.closest("[data-theme-toggle]")) toggle();
    const opener = target.closest("[data-dialog-open]");
    if (opener) document.getElementById(opener.dataset.dialogOpen)?.showModal();
    if (target.closest("[data-dialog-close]")) target.closest("dialog").close();
  });

  // Keys: j and k walk the rows, Enter opens the current one, / goes to the search.
  const walk = (rows, step) => {
    const old = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
    const next = rows[Math.max(0, Math.min(rows.length - 1, old + step))];
    rows[old]?.removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    next.scrollIntoView({ block: "nearest" });
  };
  on("keydown", (event) => {
    if (event.target.matches("input, textarea, select") || event.metaKey || event.ctrlKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const rows = all("[data-rows] tbody tr");
    if (event.key === "/") {
      event.preventDefault();
      document.querySelector(".search input")?.focus();
    } else if (rows.length && event.key === "j") walk(rows, 1);
    else if (rows.length && event.key === "k") walk(rows, -1);
    else if (event.key === "Enter" && event.target === body)
      rows.find((row) => row.getAttribute("aria-current") === "true")?.querySelector("a")?.click();
  });

  // One heartbeat for every part that watches, only while the tab is seen and in use.
  let seen = Date.now();
  ["pointermove", "keydown", "scroll", "focusin"].forEach((name) =>
    addEventListener(name, () => (seen = Date.now()), { passive: true }));
  setInterval(() => {
    if (document.visibilityState === "visible" && Date.now() - seen < ACTIVE)
      body.dispatchEvent(new CustomEvent("sl:tick"));
  }, TICK);

  // Trouble: say what happened, keep what was typed, take it back when an answer comes.
  const show = (id, yes) => {
    const bar = document.getElementById(id);
    if (bar) bar.hidden = !yes;
  };
  addEventListener("offline", () => show("lost", true));
  addEventListener("online", () => show("lost", false));

  on("htmx:configRequest", ({ detail }) => {
    const token = document.querySelector('meta[name="csrf"]')?.content;
    if (token && detail.verb !== "get") detail.headers["X-CSRFToken"] = token;
  });
  on("htmx:beforeRequest", (event) => {
    // A part that somebody is reading with the keyboard is not replaced under their hands.
    const part = event.detail.elt;
    if ("calm" in part.dataset && part.contains(document.activeElement)) event.preventDefault();
  });
  on("htmx:beforeSwap", (event) => {
    // A whole page instead of a part: signed out, sent elsewhere, or refused.
    const { xhr, serverResponse } = event.detail;
    if (!/^\s*<!doctype/i.test(serverResponse)) return;
    event.preventDefault();
    if (xhr.status < 400) location.assign(xhr.responseURL);
    else show("refused", true);
  });
  ["htmx:sendError", "htmx:timeout"].forEach((name) => on(name, () => show("lost", true)));
  on("htmx:responseError", () => show("refused", true));
  on("htmx:beforeOnLoad", ({ detail }) => {
    show("lost", false);
    if (detail.xhr.status >= 400) return;
    show("refused", false);
    if (detail.elt.matches("form")) forget(detail.elt);
  });
  on("htmx:afterSettle", ({ target }) => restore(target));

  label();
  restore(document);
})();
