export { digestOf as contentDigest } from "../../schemas/tree-digest.ts";
