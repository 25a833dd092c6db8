// What makes the pages live: ages, rows that change, keys. Without it everything else works.
"use strict";

(() => {
  const table = document.querySelector("table[data-live]");
  const rows = document.getElementById("rows");

  // Ages count by the server's clock: each says when it began, and how many seconds old it was when the server wrote it.
  let ahead = 0;
  const readClock = (within) => {
    const time = within.querySelector("time[data-age]");
    if (time !== null) ahead = Date.parse(time.dateTime) + Number(time.dataset.age) * 1000 - Date.now();
  };
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const tick = () => {
    for (const time of document.querySelectorAll("time[data-age]")) {
      const age = Math.max(0, Math.floor((Date.now() + ahead - Date.parse(time.dateTime)) / 1000));
      const [length, name] = units.find(([length]) => age >= length) ?? units[3];
      const text = `${Math.floor(age / length)} ${name} ago`;
      if (time.textContent !== text) time.textContent = text;
    }
  };
  readClock(document);
  setInterval(tick, 1000);

  // `/` goes to the filter, `j` and `k` go down and up the rows, Escape leaves a field.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const active = document.activeElement;
    if (active?.matches("input, select, textarea")) {
      if (event.key === "Escape") active.blur();
      return;
    }
    if (event.key === "/") {
      const field = document.querySelector(".filter input");
      if (field === null) return;
      event.preventDefault();
      field.focus();
      field.select();
    } else if (rows !== null && (event.key === "j" || event.key === "k")) {
      const links = [...rows.querySelectorAll("th a")];
      const at = links.findIndex((link) => link.closest("tr").contains(active));
      const next = event.key === "j" ? at + 1 : Math.max(at - 1, 0);
      links[Math.min(next, links.length - 1)]?.focus();
    }
  });

  if (table === null) return;

  const connection = document.getElementById("connection");
  const news = document.getElementById("news");
  const pause = document.getElementById("pause");
  pause.parentElement.hidden = false;

  // What a row says, its ages aside.
  const meaning = (row) => {
    const copy = row.cloneNode(true);
    copy.removeAttribute("class");
    for (const time of copy.querySelectorAll("time")) {
      time.textContent = "";
      delete time.dataset.age;
    }
    return copy.outerHTML;
  };
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html").body;

  let unheard = 0;
  const announce = () => {
    if (unheard === 0) return;
    news.textContent = unheard === 1 ? "1 row is new or changed" : `${unheard} rows are new or changed`;
    unheard = 0;
  };
  setInterval(announce, 5000);

  const show = (html) => {
    const told = parsed(`<table><tbody>${html}</tbody></table>`);
    readClock(told);
    const fresh = [...told.querySelectorAll("tr")];
    const focused = document.activeElement?.closest("#rows tr")?.id;
    const wanted = fresh.map((row) => {
      const old = document.getElementById(row.id);
      if (old !== null && meaning(old) === meaning(row)) return old;
      row.classList.add("fresh");
      unheard += 1;
      if (old !== null) old.replaceWith(row);
      return row;
    });
    const kept = new Set(wanted);
    for (const row of [...rows.children]) if (!kept.has(row)) row.remove();
    // Only what moved is moved: what has the focus or is selected keeps it.
    let at = rows.firstElementChild;
    for (const row of wanted) {
      if (row === at) at = at.nextElementSibling;
      else rows.insertBefore(row, at);
    }
    if (focused !== undefined && document.activeElement === document.body) {
      document.getElementById(focused)?.querySelector("a")?.focus({ preventScroll: true });
    }
    document.getElementById("none").hidden = wanted.length > 0;
    tick();
    if (news.textContent === "") announce();
  };

  let source = null;
  let again = null;
  const stop = () => {
    clearTimeout(again);
    source?.close();
    source = null;
  };
  const start = () => {
    stop();
    source = new EventSource(location.href);
    source.onopen = () => { connection.textContent = "Live"; };
    source.onerror = () => {
      // A stream that ended is opened again by the browser; one that was refused is not.
      if (source?.readyState !== EventSource.CLOSED) return;
      connection.textContent = "Not live; trying again";
      stop();
      again = setTimeout(start, 15000);
    };
    source.addEventListener("rows", (event) => {
      connection.textContent = "Live";
      show(event.data);
    });
    source.addEventListener("chart", (event) => {
      document.getElementById("chart")?.replaceChildren(...parsed(event.data).childNodes);
    });
    source.addEventListener("trouble", (event) => { connection.textContent = event.data; });
  };

  let paused = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    connection.textContent = paused ? "Paused" : "";
    if (paused) stop();
    else start();
  });
  // Nobody looks at a page in the background.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop();
    else if (!paused) start();
  });
  if (!document.hidden) start();
})();
