/** What the first bytes of a file say it is: something an operating system or a virtual machine starts, or a picture. */
export type FileOpening = "program" | "image";

const SIGNATURES: readonly (readonly [opening: FileOpening, offset: number, bytes: readonly number[]])[] = [
  ["program", 0, [0x23, 0x21]], // #!
  ["program", 0, [0x7f, 0x45, 0x4c, 0x46]], // ELF
  ["program", 0, [0x4d, 0x5a]], // PE, MZ
  ["program", 0, [0xfe, 0xed, 0xfa]], // Mach-O, big endian
  ["program", 0, [0xce, 0xfa, 0xed, 0xfe]], // Mach-O
  ["program", 0, [0xcf, 0xfa, 0xed, 0xfe]], // Mach-O, 64 bit
  ["program", 0, [0xca, 0xfe, 0xba, 0xbe]], // Java class, Mach-O for several machines
  ["program", 0, [0x00, 0x61, 0x73, 0x6d]], // WebAssembly
  ["image", 0, [0x89, 0x50, 0x4e, 0x47]], // PNG
  ["image", 0, [0xff, 0xd8, 0xff]], // JPEG
  ["image", 0, [0x47, 0x49, 0x46, 0x38]], // GIF
  ["image", 8, [0x57, 0x45, 0x42, 0x50]], // WebP
  ["image", 4, [0x66, 0x74, 0x79, 0x70]], // AVIF
  ["image", 0, [0x00, 0x00, 0x01, 0x00]], // icon
  ["image", 0, [0x3c, 0x73, 0x76, 0x67]], // <svg
  ["image", 0, [0x3c, 0x3f, 0x78, 0x6d, 0x6c]], // <?xml
];

/** What the first bytes of a file say it is; `undefined` for anything else. */
export function openingOf(bytes: Uint8Array): FileOpening | undefined {
  return SIGNATURES.find(([, offset, signature]) => signature.every((byte, at) => bytes[offset + at] === byte))?.[0];
}
