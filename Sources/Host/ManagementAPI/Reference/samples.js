// Code examples. The document has them ready; here only literals are replaced by what the reader has entered, which
// stays in this page's memory.

const entered = {};
let language = "Python";
const panels = [];

/** text: from the document. values: literal to what replaces it, which is put inside quotes. */
function filled(text, values) {
  for (const [literal, value] of Object.entries(values)) {
    if (value) text = text.replaceAll(literal, JSON.stringify(value).slice(1, -1));
  }
  return text;
}

function globalValues() {
  const literals = api["x-samples"].values;
  return Object.fromEntries(Object.entries(literals).map(([name, literal]) => [literal, entered[name]]));
}

/** own: the operation's own values, literal to value; changed by the inputs of its parameters. */
function samplePanel(operation, own) {
  const samples = operation["x-codeSamples"] ?? [];
  const code = element("pre");
  const chosen = () => samples.find((sample) => sample.lang === language) ?? samples[0];
  const program = () => filled(chosen().source, {...globalValues(), ...own});
  const tabs = samples.map((sample) => element("button", {
    type: "button", role: "tab", onclick: () => { language = sample.lang; redraw(); },
  }, sample.label));
  const panel = {
    draw() {
      code.replaceChildren(coloured(program()));
      tabs.forEach((tab, index) => tab.setAttribute("aria-selected", samples[index] === chosen()));
    },
  };
  panels.push(panel);
  panel.element = element("div.panel",
    element("div.bar", {role: "tablist"}, tabs,
      copyButton("Copy", "The program", program),
      copyButton("Copy for a shell", "A command that runs it, to paste into a terminal", () => {
        const shell = api["x-samples"].shell[chosen().lang];
        return shell.before + program() + shell.after + "\n";
      })),
    code);
  panel.draw();
  return panel;
}

function redraw() { panels.forEach((panel) => panel.draw()); }

function watchValues() {
  byId("baseURL").value = entered.baseURL = location.origin;
  for (const name of Object.keys(api["x-samples"].values)) {
    byId(name).addEventListener("input", (event) => {
      entered[name] = event.target.value.trim().replace(/\/$/, "");
      redraw();
    });
  }
}
