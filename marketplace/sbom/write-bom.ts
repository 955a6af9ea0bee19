import {
  ComponentScope,
  ComponentType,
  ExternalReferenceType,
  HashAlgorithm,
} from "@cyclonedx/cyclonedx-library/Enums";
import {
  Bom,
  Component,
  ExternalReference,
  type License,
  LicenseExpression,
  Metadata,
  NamedLicense,
  Property,
  SpdxLicense,
  Tools,
  ComponentRepository,
} from "@cyclonedx/cyclonedx-library/Models";
import { JSON as Json, JsonSerializer } from "@cyclonedx/cyclonedx-library/Serialize";
import { fixupSpdxId, isSupportedSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";
import { Spec1dot6 } from "@cyclonedx/cyclonedx-library/Spec";
import { digestOf } from "../../schemas/tree-digest.ts";
import { splitId } from "../install/ids.ts";
import type { StartedImage } from "../launchers/locked-images.ts";
import type { Inventory, InventoryPackage, InventoryPlugin } from "./inventory.ts";
import { imagePackageUrl, npmPackageUrl, pluginPackageUrl } from "./package-url.ts";

/** What of a document is not in the inventory. */
export interface BomOptions {
  /** Of the Plugsmith that writes it. */
  readonly version: string;
  /** Left out when absent, so that equal inventories have equal documents. */
  readonly timestamp?: Date | undefined;
}

/** The text of a bill of materials in CycloneDX 1.6 JSON: equal for equal inventories, whatever the machine. */
export function bomText(inventory: Inventory, { version, timestamp }: BomOptions): string {
  const bom = new Bom({ serialNumber: serialOf(inventory), metadata: metadataOf(inventory, version, timestamp) });
  const plugins = new Map(inventory.plugins.map((one) => [one.plugin.id, pluginComponent(one)]));
  const packages = new Map<string, Component>();
  for (const { plugin, packages: locked, images } of inventory.plugins) {
    const component = plugins.get(plugin.id);
    if (component === undefined) continue;
    for (const id of Object.keys(plugin.dependencies)) addDependency(component, plugins.get(id));
    for (const one of locked) {
      const ref = `${npmPackageUrl(one.name, one.version)}#${one.integrity}`;
      const known = packages.get(ref) ?? packageComponent(one, ref);
      packages.set(ref, known);
      addDependency(component, known);
    }
    for (const image of images) {
      const known = packages.get(image.text) ?? imageComponent(image);
      packages.set(image.text, known);
      addDependency(component, known);
    }
    if (plugin.requested) addDependency(bom.metadata.component, component);
  }
  for (const component of [...plugins.values(), ...packages.values()]) bom.components.add(component);
  return new JsonSerializer(new Json.Normalize.Factory(Spec1dot6)).serialize(bom, { sortLists: true, space: 2 });
}

function addDependency(from: Component | undefined, to: Component | undefined): void {
  if (from !== undefined && to !== undefined) from.dependencies.add(to.bomRef);
}

/** A UUID that says nothing but what is listed: of the lock and of every tree that is run. */
function serialOf({ lockDigest, plugins }: Inventory): string {
  const trees = plugins.map(({ plugin }) => `${plugin.id} ${plugin.version} ${plugin.tree} ${plugin.manifest}`);
  const hex = digestOf(["plugsmith sbom 1", lockDigest, ...trees].join("\n")).slice("sha256-".length);
  // Version 8 is for digests of one's own, and the variant's two bits are those of RFC 9562.
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

function metadataOf({ name, lockDigest }: Inventory, version: string, timestamp: Date | undefined): Metadata {
  const component = new Component(ComponentType.Application, name, { bomRef: `root:${name}` });
  if (lockDigest !== "") component.properties.add(new Property("plugsmith:lock", lockDigest));
  const tool = new Component(ComponentType.Application, "plugsmith", { version });
  return new Metadata({
    component,
    tools: new Tools({ components: new ComponentRepository([tool]) }),
    ...(timestamp === undefined ? {} : { timestamp }),
  });
}

function pluginComponent({ plugin, manifest }: InventoryPlugin): Component {
  const { id, version, tree, source, enabled } = plugin;
  const { name, market } = splitId(id);
  const purl = pluginPackageUrl(plugin);
  const component = new Component(ComponentType.Application, name, {
    bomRef: id,
    group: market,
    version,
    ...(manifest.description === undefined ? {} : { description: manifest.description }),
    ...(manifest.author?.name === undefined ? {} : { author: manifest.author.name }),
    ...(purl === undefined ? {} : { purl }),
  });
  component.hashes.set(HashAlgorithm["SHA-256"], tree.slice("sha256-".length));
  addLicense(component, manifest.license);
  const addReference = (type: ExternalReferenceType, url: string | undefined, sha256?: string): void => {
    if (url === undefined) return;
    const reference = new ExternalReference(url, type);
    if (sha256 !== undefined) reference.hashes.set(HashAlgorithm["SHA-256"], sha256);
    component.externalReferences.add(reference);
  };
  addReference(ExternalReferenceType.Website, manifest.homepage);
  addReference(ExternalReferenceType.VCS, manifest.repository);
  if (source.kind === "git") addReference(ExternalReferenceType.SourceDistribution, source.url);
  if (source.kind === "archive") addReference(ExternalReferenceType.Distribution, source.url, source.sha256);
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["enabled", String(enabled)],
    ["format", plugin.format],
    ["manifest", plugin.manifest],
    ...(source.kind === "git" ? ([["commit", source.commit]] as const) : []),
    ...(plugin.consent === "" ? [] : ([["executes", plugin.consent]] as const)),
  ];
  for (const [key, value] of facts) component.properties.add(new Property(`plugsmith:${key}`, value));
  return component;
}

function packageComponent(
  { name, version, integrity, optional, license }: InventoryPackage,
  bomRef: string,
): Component {
  const [group, base] = name.includes("/") ? name.split("/") : [undefined, name];
  const component = new Component(ComponentType.Library, base ?? name, {
    bomRef,
    version,
    ...(group === undefined ? {} : { group }),
    purl: npmPackageUrl(name, version),
    scope: optional ? ComponentScope.Optional : ComponentScope.Required,
  });
  for (const one of integrity.split(/\s+/u)) {
    const [, bits, base64 = ""] = /^sha(256|384|512)-([^?]+)/u.exec(one) ?? [];
    const algorithm = ALGORITHMS.find(([size]) => size === bits)?.[1];
    if (algorithm !== undefined) component.hashes.set(algorithm, Buffer.from(base64, "base64").toString("hex"));
  }
  addLicense(component, license);
  return component;
}

function imageComponent(one: StartedImage): Component {
  const { image, digest, text } = one;
  const component = new Component(ComponentType.Container, `${image.host}/${image.repository}`, {
    bomRef: text,
    version: digest,
    purl: imagePackageUrl(one),
    scope: ComponentScope.Required,
  });
  component.hashes.set(HashAlgorithm["SHA-256"], digest.slice("sha256:".length));
  return component;
}

const ALGORITHMS = [
  ["256", HashAlgorithm["SHA-256"]],
  ["384", HashAlgorithm["SHA-384"]],
  ["512", HashAlgorithm["SHA-512"]],
] as const;

function addLicense(component: Component, text: string | undefined): void {
  if (text !== undefined && text.trim() !== "") component.licenses.add(licenseOf(text.trim()));
}

/** An identifier, an expression of identifiers, or else what somebody wrote. */
function licenseOf(text: string): License {
  if (isIdentifier(text)) return new SpdxLicense(text);
  const fixed = fixupSpdxId(text);
  if (fixed !== undefined) return new SpdxLicense(fixed);
  const parts = text
    .replaceAll(/[()]/gu, " ")
    .trim()
    .split(/\s+(?:AND|OR)\s+/u);
  const isExpression = parts.length > 1 && parts.every((part) => isIdentifier(part.trim().replace(/\+$/u, "")));
  return isExpression ? new LicenseExpression(text) : new NamedLicense(text);
}

/** The library's own guard would leave nothing of a text that is none. */
const isIdentifier = (text: string): boolean => isSupportedSpdxId(text);
