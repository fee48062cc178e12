// The page: navigation at the left, one section a group, one article an operation.

let api;

function operationsOf(tag) {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => ({path, method, operation})));
}

function pathElement(path) {
  return element("span.path", path.split(/(\{\w+\})/).map((part) =>
    part.startsWith("{") ? element("span.placeholder", part) : part));
}

function accessText(operation) {
  const schemes = operation.security.flatMap((scheme) => Object.keys(scheme));
  if (schemes.includes("Bearer")) return "Needs an access token.";
  return schemes.includes("ApiKey") ? "Needs an API key." : "Open to everyone.";
}

function parameters(operation, own, panel) {
  if (!operation.parameters?.length) return null;
  return [element("h4", "Parameters"), element("dl.fields", operation.parameters.map((parameter) => {
    const made = field(parameter.name, parameter.schema, parameter.required, 1);
    made.querySelector(".type").append(`, in ${parameter.in}`);
    const text = made.querySelector("dd");
    if (parameter.description) text.textContent = parameter.description;
    if (parameter.in === "path") {
      made.querySelector("dt").append(element("input", {
        placeholder: parameter.example, "aria-label": parameter.name, spellcheck: "false",
        oninput: (event) => {
          own[parameter.example] = event.target.value.trim();
          panel.draw();
        },
      }));
    }
    return made;
  }))];
}

function requestBody(operation) {
  const content = operation.requestBody?.content?.["application/json"];
  if (!content) return null;
  const whole = merged(content.schema);
  return [
    element("h4", operation.requestBody.required ? "Body, JSON" : "Body, JSON, may be left out"),
    whole.description ? element("p", whole.description) : null, fields(content.schema),
  ];
}

function answers(operation) {
  const kinds = {2: ".good", 4: ".bad", 5: ".fault"};
  return [element("h4", "Answers"), element("div.answers", Object.entries(operation.responses).map(([status, made]) => {
    const answer = resolved(made);
    const line = [element("span.status" + (kinds[status[0]] ?? ""), status), answer.description];
    const [type, content] = Object.entries(answer.content ?? {})[0] ?? [];
    if (!type) return element("div", line);
    const inner = fields(content.schema);
    return element("details", element("summary", line), element("p.type", type), inner ?? exampleText(content));
  }))];
}

function exampleText(content) {
  const example = content.example ?? resolved(content.schema).examples?.[0];
  if (example === undefined) return null;
  return element("pre", typeof example === "string" && content.schema.type === "string" && !content.schema.$ref
    ? example : coloured(JSON.stringify(example, null, 2)));
}

function successPanel(operation) {
  const [status, answer] = Object.entries(operation.responses).find(([status, answer]) =>
    status.startsWith("2") && Object.keys(resolved(answer).content ?? {}).length) ?? [];
  if (!status) return null;
  const content = Object.values(resolved(answer).content)[0];
  const shown = exampleText(content);
  return shown ? element("div.panel", element("div.bar", element("span.title", "Answer " + status)), shown) : null;
}

function article({path, method, operation}) {
  const own = {};
  const panel = samplePanel(operation, own);
  return element("article.operation", {id: operation.operationId},
    element("div",
      element("h3", element("a", {href: "#" + operation.operationId}, operation.summary)),
      element("div", element(`span.method.${method}`, method.toUpperCase()), " ", pathElement(path)),
      operation.description ? element("p", operation.description) : null,
      element("p.access", accessText(operation)),
      parameters(operation, own, panel), requestBody(operation), answers(operation)),
    element("div.examples", panel.element, successPanel(operation)));
}

function section(tag) {
  return element("section", element("h2", tag.name), element("p.quiet", tag.description),
    operationsOf(tag.name).map(article));
}

function navigation() {
  byId("operations").replaceChildren(...api.tags.map((tag) => element("section",
    element("h2", tag.name),
    element("ul", operationsOf(tag.name).map(({path, method, operation}) => element("li",
      {"data-text": `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase()},
      element("a", {href: "#" + operation.operationId, title: `${method.toUpperCase()} ${path}`},
        element(`span.method.${method}`, method === "delete" ? "DEL" : method.toUpperCase()),
        operation.summary)))))));
}

function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const group of byId("operations").children) {
    let shown = 0;
    for (const item of group.querySelectorAll("li")) {
      item.hidden = !words.every((word) => item.dataset.text.includes(word));
      if (!item.hidden) shown += 1;
    }
    group.hidden = shown === 0;
    found += shown;
  }
  byId("nothing").hidden = found > 0;
}

function watchSearch() {
  const search = byId("search");
  search.addEventListener("input", () => find(search.value));
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") byId("operations").querySelector("li:not([hidden]) a")?.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      search.focus();
    }
  });
}

function watchPlace() {
  const observer = new IntersectionObserver((entries) => {
    const entry = entries.find((entry) => entry.isIntersecting);
    if (!entry) return;
    document.querySelector("nav [aria-current]")?.removeAttribute("aria-current");
    const link = document.querySelector(`nav a[href="#${entry.target.id}"]`);
    link?.setAttribute("aria-current", "true");
    link?.scrollIntoView({block: "nearest"});
  }, {rootMargin: "-15% 0px -75% 0px"});
  document.querySelectorAll("article.operation").forEach((each) => observer.observe(each));
}

function watchTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const show = (dark) => { root.dataset.theme = dark ? "dark" : "light"; };
  show(system.matches);
  system.addEventListener("change", (event) => show(event.matches));
  byId("theme").addEventListener("click", () => show(root.dataset.theme !== "dark"));
}

async function start() {
  watchTheme();
  try {
    const response = await fetch("/openapi.json");
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    api = await response.json();
  } catch (error) {
    byId("state").textContent = `The document could not be read: ${error.message}. Reload to try again.`;
    return;
  }
  watchValues();
  navigation();
  byId("top").replaceChildren(
    element("div.intro", element("h1", api.info.title), element("p", api.info.description),
      element("p.quiet", "What you enter above stays in this page and fills in the examples. Those in Node.js, Go and ",
        "Python are run by the project's tests; those in C# are made in the same way and checked for their shape. ",
        "The document itself: ",
        element("a", {href: "/openapi.json"}, "/openapi.json"), ".")),
    ...api.tags.map(section));
  watchSearch();
  watchPlace();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

start();
