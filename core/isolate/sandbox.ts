/** The sandbox of this machine that was seen to work. */
export type Sandbox =
  | {
      readonly kind: "bubblewrap";
      /** Absolute path of the program. */
      readonly command: string;
      /** Whether it can forbid further user namespaces (0.8). */
      readonly closesNamespaces: boolean;
    }
  | { readonly kind: "seatbelt"; readonly command: string }
  | { readonly kind: "none"; readonly why: string };
