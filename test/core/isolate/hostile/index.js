import { readdirSync } from "node:fs";

/** Runs one attack after the other, as the test says; tells what it got, or the code of what refused it. */
const plugin = {
  activate(context) {
    context.provide(
      { key: `${context.plugin.id}/attack` },
      {
        names: () => readdirSync(import.meta.dirname).filter((file) => file.endsWith(".js") && file !== "index.js"),
        run: async (name, world) => {
          const { attack } = await import(`./${name}.js`);
          try {
            return { got: String(await attack({ ...world, data: context.plugin.dataDirectory }, context)) };
          } catch (error) {
            const { code, name: kind, message, cause } = error;
            return { refused: code ?? cause?.code ?? kind, message: String(cause?.message ?? message).slice(0, 300) };
          }
        },
      },
    );
  },
};

export { plugin as default };
