// Elements are made, never parsed: nothing of the document can become markup.

/** element("p.quiet", {title: "…"}, "text", child, null): null and undefined children are left out. */
function element(selector, ...rest) {
  const [name, ...classes] = selector.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const part of rest.flat()) {
    if (part === null || part === undefined) continue;
    if (typeof part === "object" && !(part instanceof Node)) {
      for (const [key, value] of Object.entries(part)) {
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else if (value !== false) made.setAttribute(key, value === true ? "" : value);
      }
    } else made.append(part);
  }
  return made;
}

function byId(id) { return document.getElementById(id); }

/** A button that copies what text() answers and says so for a moment. */
function copyButton(label, title, text) {
  const button = element("button.copy", {type: "button", title}, label);
  button.addEventListener("click", async () => {
    await copy(text());
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1200);
  });
  return button;
}

/** Pages that come over plain HTTP from another machine have no clipboard of their own. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = element("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

const KEYWORDS = new RegExp("^(" + [
  "package|import|func|if|err|nil|defer|return|var|using|new|await|const|for|of|while|try|except|as|with|in|is",
  "true|false|null|True|False|None|case|async",
].join("|") + ")$");
const TOKENS = /("""[\s\S]*?"""|`[^`]*`|"(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)|(\d[\d.]*)/g;

/** The text as coloured pieces: strings, words of the language, numbers. */
function coloured(text) {
  const pieces = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const kind = match[1] ? "string" : match[3] ? "number" : KEYWORDS.test(match[2]) ? "word" : null;
    if (!kind) continue;
    pieces.append(text.slice(end, match.index), element("span." + kind, match[0]));
    end = match.index + match[0].length;
  }
  pieces.append(text.slice(end));
  return pieces;
}
