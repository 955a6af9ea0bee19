/** Where things lie, absolute. */
export interface Places {
  readonly homeDirectory: string;
  readonly projectDirectory: string;
  readonly plugsmithHome: string;
}
