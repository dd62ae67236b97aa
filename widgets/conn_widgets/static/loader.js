// Every part brings this little script; what it draws with is in the library, sent once.
const shelf = (globalThis.__connParts ??= new Map());
const open = async (model, id) => {
  const code = (await model.widget_manager.get_model(id)).get("_esm");
  return import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
};
const part = async ({ model }) => {
  const id = model.get("library").slice(10);
  if (!shelf.has(id)) shelf.set(id, open(model, id));
  return (await shelf.get(id)).parts[PART];
};
export default {
  initialize: async (c) => (await part(c)).initialize?.(c),
  render: async (c) => (await part(c)).render(c),
};
