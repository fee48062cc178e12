// Schemas as lists of fields.

function resolved(schema) {
  if (!schema?.$ref) return schema ?? {};
  const {$ref, ...beside} = schema;
  return {...$ref.slice(2).split("/").reduce((place, step) => place[step], api), ...beside};
}

/** What allOf joins, as one schema. */
function merged(schema) {
  schema = resolved(schema);
  if (!schema.allOf) return schema;
  const parts = [...schema.allOf.map(merged), {...schema, allOf: undefined}];
  return {
    ...schema, allOf: undefined, required: parts.flatMap((part) => part.required ?? []),
    properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})),
    anyOf: parts.map((part) => part.anyOf).find(Boolean),
  };
}

function isNull(schema) { return schema.type === "null"; }

/** "string, uuid, or null" */
function typeText(schema) {
  const whole = merged(schema);
  const parts = (whole.anyOf ?? whole.oneOf)?.map(resolved);
  // A pattern beside a list of names says how else they may be spelt: the description says that better.
  const choices = parts?.some((part) => part.enum) ? parts.filter((part) => !part.pattern) : parts;
  if (choices && !whole.properties) return [...new Set(choices.map(typeText))].join(" or ");
  if (whole.const !== undefined) return JSON.stringify(whole.const);
  if (whole.enum) return whole.enum.map(String).join(" | ");
  const types = [whole.type ?? "any"].flat();
  let text = types.filter((type) => type !== "null").join(" or ");
  if (text === "array") text = "array of " + typeText(whole.items ?? {});
  if (whole.format) text += ", " + whole.format;
  return types.includes("null") ? text + " or null" : text;
}

/** "1…30", "at most 255 characters", "default 7" */
function limitsText(schema) {
  const whole = merged(schema);
  const parts = [];
  if (whole.minimum !== undefined || whole.maximum !== undefined) {
    parts.push(`${whole.minimum ?? ""}…${whole.maximum ?? ""}`);
  }
  if (whole.minLength !== undefined && whole.maxLength !== undefined) {
    parts.push(`${whole.minLength}–${whole.maxLength} characters`);
  } else if (whole.maxLength !== undefined) parts.push(`at most ${whole.maxLength} characters`);
  else if (whole.minLength === 1) parts.push("not empty");
  if (whole.maxItems !== undefined) parts.push(`at most ${whole.maxItems}`);
  if (whole.default !== undefined) parts.push("default " + JSON.stringify(whole.default));
  return parts.join(", ");
}

/** The object that a schema is, holds or may be; null if there is none with fields of its own. */
function objectWithin(schema) {
  const whole = merged(schema);
  if (whole.properties) return whole;
  if (whole.items) return objectWithin(whole.items);
  const choices = (whole.anyOf ?? whole.oneOf ?? []).filter((choice) => !isNull(resolved(choice)));
  return choices.length === 1 ? objectWithin(choices[0]) : null;
}

function fields(schema, depth = 0) {
  if (depth > 4) return null;
  const object = objectWithin(schema);
  const variants = variantsWithin(object ?? schema).map((variant) => element("details",
    element("summary", variant.title), variant.description ? element("p", variant.description) : null,
    fields({...variant, anyOf: undefined}, depth + 1)));
  if (!object) return variants.length ? element("div.variants", variants) : null;
  const list = element("dl.fields", Object.entries(object.properties).map(([name, property]) =>
    field(name, property, object.required?.includes(name), depth)));
  return variants.length ? element("div", list, element("div.variants", variants)) : list;
}

/** Choices that have a name of their own, such as the plugins of a kind. */
function variantsWithin(schema) {
  const whole = merged(schema);
  if (whole.items) return variantsWithin(whole.items);
  const choices = (whole.anyOf ?? []).map(merged);
  const named = choices.filter((choice) => choice.title && choice.properties);
  if (named.length) return named;
  const others = choices.filter((choice) => !isNull(choice));
  return others.length === 1 ? variantsWithin(others[0]) : [];
}

function field(name, schema, isRequired, depth) {
  const inner = fields(schema, depth + 1);
  const limits = limitsText(schema);
  return element("div",
    element("dt", element("code", name), element("span.type", typeText(schema)),
      limits ? element("span.type", limits) : null, isRequired ? element("span.required", "required") : null),
    element("dd", schema.description ?? merged(schema).description ?? null),
    inner ? element("dd", element("details", element("summary", "fields"), inner)) : null);
}
