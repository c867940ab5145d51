// Dawn with Tint, as npm's package `webgpu` has it: node dawn.mjs FOLDER_OF_NODE_MODULES KERNELS.json

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { found } from "./webgpu.mjs";

const [modules, kernels] = process.argv.slice(2);
// The package is not beside this file.
const entry = createRequire(pathToFileURL(`${modules}/`)).resolve("webgpu");
const { create, globals } = await import(pathToFileURL(entry));
Object.assign(globalThis, globals);
// Everything of Dawn lives only as long as this object: held until the result is there.
const gpu = create(["backend=vulkan"]);
const result = await found(gpu, JSON.parse(readFileSync(kernels)));
process.stdout.write(JSON.stringify(result));
// Dawn's own threads keep Node from ending by itself.
process.exit(gpu ? 0 : 1);
