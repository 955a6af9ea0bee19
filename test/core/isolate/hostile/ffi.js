/** Calls the C library. */
export async function attack() {
  const ffi = await import("node:ffi");
  ffi.dlopen("libc.so.6", {});
  return "opened the C library";
}
