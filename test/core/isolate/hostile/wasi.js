/** Gives WebAssembly the files of the system. */
export async function attack({ outside }) {
  const { WASI } = await import("node:wasi");
  const wasi = new WASI({ version: "preview1", preopens: { "/": outside } });
  return `opened ${outside} for WebAssembly: ${typeof wasi.wasiImport.path_open}`;
}
