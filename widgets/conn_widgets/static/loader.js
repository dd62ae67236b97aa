// Every part has this little script; what it draws with is in the library, sent once.
const opened = (globalThis.__jupyterConnections ??= new Map());

async function open(model, id) {
  const library = await model.widget_manager.get_model(id);
  const url = URL.createObjectURL(new Blob([library.get("_esm")], { type: "text/javascript" }));
  try {
    return (await import(url)).parts;
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function part(model) {
  const id = model.get("library").replace("IPY_MODEL_", "");
  if (!opened.has(id)) opened.set(id, open(model, id));
  return (await opened.get(id))[PART];
}

export default {
  async initialize(context) {
    return (await part(context.model)).initialize?.(context);
  },
  async render(context) {
    return (await part(context.model)).render(context);
  },
};
