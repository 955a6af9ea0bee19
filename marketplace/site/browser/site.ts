import { pluginPath } from "../views/links.ts";
import { startCopyButtons } from "./copy-buttons.ts";
import { startSearch } from "./search-page.ts";

startSearch((name) => pluginPath(encodeURIComponent(name)));
startCopyButtons();
