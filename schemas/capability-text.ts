import type { Capabilities } from "./plugsmith-extension.ts";

/** What a code plugin asks for beyond its own files and its data folder, as one clause. */
export function capabilityText({ read, write, net, exec, env, secrets, services }: Capabilities): string {
  const parts = [
    ...(net ? ["the network"] : []),
    ...(exec ? ["starting programs"] : []),
    ...(read.length > 0 ? [`reading ${read.join(", ")}`] : []),
    ...(write.length > 0 ? [`writing ${write.join(", ")}`] : []),
    ...(env.length > 0 ? [`the variables ${env.join(", ")}`] : []),
    ...(secrets ? ["secrets of its own"] : []),
    ...(services.length > 0 ? [`the services ${services.join(", ")}`] : []),
  ];
  return parts.length === 0 ? "asks for nothing beyond its own files" : `asks for ${parts.join("; ")}`;
}
