// Headless Chromium with SwiftShader: node chromium.mjs CHROMIUM KERNELS.json
// Serves a page on 127.0.0.1 that runs the kernels and posts what it found.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [chromium, kernels] = process.argv.slice(2);
// SwiftShader compiles every kernel; busy machines take minutes.
const LIMIT = 1_800_000;

const page = `<!doctype html><script type="module">
import { found } from "/webgpu.mjs";
let result;
try {
    if (!navigator.gpu) throw new Error("this browser has no WebGPU");
    result = await found(navigator.gpu, await (await fetch("/kernels.json")).json());
    result.adapter += ", " + navigator.userAgent.split(" ").find((part) => part.includes("Chrome"));
} catch (error) {
    result = { error: String(error) };
}
await fetch("/found", { method: "POST", body: JSON.stringify(result) });
</script>`;
const files = {
    "/": ["text/html", page],
    "/webgpu.mjs": ["text/javascript", readFileSync(new URL("webgpu.mjs", import.meta.url))],
    "/kernels.json": ["application/json", readFileSync(kernels)],
};

const profile = mkdtempSync(join(tmpdir(), "weightinit-chromium-"));
let browser;
try {
    const result = await new Promise((resolve, reject) => {
        const server = createServer(async (request, response) => {
            if (request.method === "POST") {
                let body = "";
                for await (const part of request) body += part;
                response.end();
                resolve(JSON.parse(body));
                return;
            }
            const [type, contents] = files[request.url] ?? ["text/plain", ""];
            response.writeHead(request.url in files ? 200 : 404, { "Content-Type": type }).end(contents);
        });
        server.listen(0, "127.0.0.1", () => {
            const flags = [
                "--headless",
                "--no-sandbox", // it does not start as root otherwise
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-quic",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--enable-unsafe-webgpu",
                "--use-webgpu-adapter=swiftshader",
                `--user-data-dir=${profile}`,
            ];
            browser = spawn(chromium, [...flags, `http://127.0.0.1:${server.address().port}/`], { stdio: "ignore" });
            browser.on("error", reject);
            browser.on("exit", (code) => reject(new Error(`${chromium} ended with ${code} before it had a result`)));
        });
        setTimeout(() => reject(new Error(`no result in ${LIMIT / 1000} s`)), LIMIT);
    });
    if (result.error) throw new Error(result.error);
    process.stdout.write(JSON.stringify(result));
} finally {
    if (browser?.exitCode === null) {
        browser.removeAllListeners();
        const ended = new Promise((resolve) => browser.on("exit", resolve));
        // It ends its own processes when it is asked to.
        browser.kill("SIGTERM");
        const patience = setTimeout(() => browser.kill("SIGKILL"), 20_000);
        await ended;
        clearTimeout(patience);
    }
    // The last of them may still be writing.
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
process.exit(0);
