// The page in a real browser: node page.mjs CHROMIUM PAGE WEIGHTINIT PICTURES, with playwright-core and axe-core to be
// found from the current folder. What the page shows must be what the program WEIGHTINIT prints, on the CPU reference.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";

const [executablePath, folder, program, pictures] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const axe = require("axe-core").source;

/** How far the page's passes may be from the program's: its products are in f32, those of the CPU reference in f64. */
const TOLERANCE = 1e-5;
/** The theory is the same code; exp, tanh and the like are another library's. */
const ROUNDING = 1e-9;
/** SwiftShader compiles on the processor, which may be busy. */
const PATIENCE = 120_000;

/** Seven kinds of kernels on the GPU, in types of all sizes, and what the CPU reference computes. */
const TENSORS = [
    { init: "he_normal", dtype: "f32", shape: "256x192", seed: "7", name: "fc.weight" },
    {
        init: "normal",
        parameters: { std: "0.02" },
        dtype: "bf16",
        shape: "33x7",
        seed: "18446744073709551615",
        name: "wte",
    },
    { init: "xavier_uniform", dtype: "f16", shape: "64x48", layout: "keras", name: "it's a name" },
    { init: "truncated_normal", parameters: { lower: "-1" }, dtype: "f64", shape: "1000", name: "" },
    { init: "sparse", parameters: { sparsity: "0.5" }, dtype: "f32", shape: "48x64" },
    { init: "constant", parameters: { value: "0.1" }, dtype: "f8_e4m3", shape: "17" },
    { init: "bits", shape: "4099", seed: "1" },
    { init: "orthogonal", dtype: "f32", shape: "48x64" },
];

const RUNS = [
    { init: "he_normal", activation: "relu", depth: "20", width: "96", batch: "16", seed: "3" },
    {
        init: "normal",
        parameters: { std: "0.01" },
        activation: "tanh",
        depth: "12",
        width: "64",
        batch: "8",
        seed: "0",
    },
    { init: "orthogonal", activation: "linear", depth: "6", width: "32", batch: "4", seed: "1" },
];

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".wasm": "application/wasm" };

function served() {
    const server = createServer((request, response) => {
        const path = new URL(request.url, "http://localhost").pathname;
        try {
            const contents = readFileSync(join(folder, path === "/" ? "index.html" : path));
            response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? TYPES[".html"] }).end(contents);
        } catch {
            response.writeHead(404).end();
        }
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Runs a command that the page shows, with the program on the path, and with one more word for the CPU reference. */
function run(command, cwd) {
    const words = command.replace(/^weightinit (\w+) /, "weightinit $1 --backend cpu ");
    const options = {
        cwd,
        env: { ...process.env, PATH: `${dirname(program)}:${process.env.PATH}` },
        maxBuffer: 1 << 28,
    };
    return execFileSync("sh", ["-c", words], { ...options, stdio: ["ignore", "pipe", "ignore"] });
}

/** A page whose errors end the test. */
async function opened(browser, url, { script, ...options } = {}) {
    const context = await browser.newContext({
        viewport: { width: 1100, height: 900 },
        acceptDownloads: true,
        ...options,
    });
    if (script) await context.addInitScript(script);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const errors = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("requestfailed", (request) => errors.push(`failed: ${request.url()}`));
    await page.goto(url);
    try {
        await page.waitForFunction(() => document.getElementById("digest").textContent.length === 64);
    } catch (error) {
        const said = await Promise.all(["notice", "status"].map((id) => text(page, id)));
        throw new Error(`the page shows no digest: ${JSON.stringify([...said, ...errors])}`, { cause: error });
    }
    return { page, errors };
}

async function fill(page, { parameters = {}, ...fields }) {
    for (const [id, value] of Object.entries(fields)) {
        const field = page.locator(`#${id}`);
        if (["init", "dtype", "layout", "activation", "backend"].includes(id)) await field.selectOption(value);
        else await field.fill(value);
    }
    for (const [name, value] of Object.entries(parameters)) await page.locator(`#parameter-${name}`).fill(value);
}

/** Waits until what is shown is of the form as it is now. */
async function settled(page) {
    await page.waitForFunction(() => !document.getElementById("tensor").hasAttribute("aria-busy"));
    await page.waitForFunction(() => document.getElementById("status").textContent !== "Computing…");
}

const text = (page, id) => page.locator(`#${id}`).textContent();

async function tensors(page) {
    for (const tensor of TENSORS) {
        await fill(page, { layout: "torch", seed: "0", name: "w", ...tensor });
        await settled(page);
        const [digest, command, status, compared] = await Promise.all(
            ["digest", "command", "status", "compared"].map((id) => text(page, id)),
        );
        const expected = run(command).toString().split(" ")[0];
        assert.equal(digest, expected, `${command}: the page has ${digest}, the program ${expected}`);
        if (tensor.init === "orthogonal") {
            assert.match(status, /by the CPU reference/);
        } else {
            assert.match(status, /by WebGPU/);
            assert.equal(compared, "Equal to the CPU reference, bit for bit.");
        }
        console.log(`${digest.slice(0, 16)}… ${command.split(" | ")[0]}`);
    }
}

/** The files that the page saves are the program's. */
async function downloads(page) {
    await fill(page, { layout: "torch", ...TENSORS[0] });
    await settled(page);
    const scratch = mkdtempSync(join(tmpdir(), "weightinit-page-"));
    for (const format of ["npy", "safetensors"]) {
        const [download] = await Promise.all([page.waitForEvent("download"), page.locator(`#${format}`).click()]);
        const command = (await text(page, "command")).replace(" -o - | sha256sum", ` -o there.${format}`);
        run(command, scratch);
        const files = [await download.path(), join(scratch, `there.${format}`)].map((path) => readFileSync(path));
        assert.ok(files[0].equals(files[1]), `${format}: other bytes than ${command}`);
        console.log(`${download.suggestedFilename()} is the program's, ${files[0].length} bytes`);
    }
    rmSync(scratch, { recursive: true });
}

async function propagation(page, where) {
    for (const { parameters, ...fields } of RUNS) {
        await fill(page, { ...fields, parameters });
        await page.locator("#propagate").click();
        await page.waitForFunction(() => /^By |refuses|marked/.test(document.getElementById("progress").textContent));
        assert.match(await text(page, "progress"), where);
        const found = JSON.parse(await text(page, "json"));
        const expected = JSON.parse(run(await text(page, "run-command"))).runs[0];
        assert.equal(found.verdict, expected.verdict);
        const furthest = {};
        for (const [name, tolerance] of [
            ["activation_variance", TOLERANCE],
            ["gradient_variance", TOLERANCE],
            ["cosine", TOLERANCE],
            ["theory", ROUNDING],
            ["gradient_theory", ROUNDING],
        ]) {
            assert.equal(found[name].length, Number(fields.depth));
            const far = found[name].map((value, layer) => Math.abs(value / expected[name][layer] - 1));
            furthest[name] = Math.max(...far);
            assert.ok(furthest[name] < tolerance, `${found.init}, ${name}: ${furthest[name]} from the program's`);
        }
        const far = furthest.activation_variance.toExponential(1);
        console.log(`${found.init}, ${found.activation}: ${found.verdict}; within ${far} of the program's variances`);
        // Runs are compared one by one: the legend would keep the last.
        await page.evaluate(() => (document.getElementById("progress").textContent = ""));
    }
    assert.equal(await page.locator("#legend li").count(), RUNS.length);
}

async function rates(page, count) {
    await page.locator("#measure").click();
    await page.waitForFunction(() => document.getElementById("measuring").textContent.startsWith("Done"));
    const rows = await page.locator("#rates tbody tr").allTextContents();
    assert.equal(rows.length, count);
    for (const cell of await page.locator("#rates tbody td:last-child").allTextContents())
        assert.ok(Number(cell) > 0.01, cell);
    console.log(rows.join("; "));
}

/** What is wrong is said beside its field, and what was shown stays. */
async function refusals(page) {
    const digest = await text(page, "digest");
    await fill(page, { init: "normal", shape: "64y", seed: "-1", parameters: { std: "wide" } });
    await settled(page);
    for (const [id, pattern] of [
        ["shape", /'64y' is no shape; expected dimensions such as 64x48/],
        ["seed", /'-1' is no seed; expected a whole number from 0 to 18446744073709551615/],
        ["init", /'std' of normal is 'wide'; expected a number/],
    ]) {
        assert.match(await text(page, `${id}-error`), pattern);
        assert.equal(await page.locator(`#${id}`).getAttribute("aria-invalid"), "true");
    }
    assert.equal(await text(page, "digest"), digest);
    await fill(page, { depth: "500" });
    await page.locator("#propagate").click();
    assert.match(await text(page, "depth-error"), /500 is not from 1 to 200/);
    await fill(page, { init: "orthogonal", shape: "8", seed: "0", depth: "5" });
    await settled(page);
    assert.notEqual(await text(page, "init-error"), "");
}

/** Every control that can be used is reached by the Tab key, and shows that it is. */
async function keyboard(page) {
    await page.evaluate(() => {
        document.activeElement?.blur();
        getSelection().removeAllRanges();
        scrollTo(0, 0);
    });
    const usable = await page.evaluate(
        () =>
            [...document.querySelectorAll("input, select, button, summary")].filter(
                (control) => !control.disabled && control.offsetParent,
            ).length,
    );
    const reached = new Set();
    for (let press = 0; press < usable + 12; press++) {
        await page.keyboard.press("Tab");
        const focused = await page.evaluate(() => {
            const { id, tagName, textContent } = document.activeElement;
            const seen =
                getComputedStyle(document.activeElement).outlineStyle !== "none" ||
                document.activeElement.className === "skip";
            return { is: /INPUT|SELECT|BUTTON|SUMMARY/.test(tagName), key: id || textContent, seen };
        });
        if (focused.is) {
            assert.ok(focused.seen, `${focused.key}: its focus is not seen`);
            reached.add(focused.key);
        }
    }
    assert.equal(reached.size, usable, `reached: ${[...reached]}`);
}

async function accessible(page, what) {
    const { violations, passes } = await page.evaluate(`${axe}; axe.run()`);
    assert.deepEqual(
        violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)}`,
        ),
        [],
        what,
    );
    console.log(`axe: ${passes.length} rules hold, ${what}`);
}

/** A browser that computes something else, here with another multiplier in the generator, is found out. */
async function mutant(browser, url) {
    const script = () => {
        const create = GPUDevice.prototype.createShaderModule;
        GPUDevice.prototype.createShaderModule = function ({ code }) {
            return create.call(this, { code: code.replace("0xD2511F53u", "0xD2511F55u") });
        };
    };
    const { page } = await opened(browser, url, { script });
    assert.match(await text(page, "compared"), /^NOT equal to the CPU reference, from byte \d+ on/);
    await page.context().close();
}

async function pictured(browser, url, name, options) {
    const { page, errors } = await opened(browser, url, options);
    for (const init of ["he_normal", "glorot_uniform"]) {
        await fill(page, { init, depth: "20", width: "128", batch: "16", shape: "128x96" });
        await settled(page);
        await page.evaluate(() => (document.getElementById("progress").textContent = ""));
        await page.locator("#propagate").click();
        await page.waitForFunction(() => document.getElementById("progress").textContent.startsWith("By "));
    }
    await accessible(page, name);
    const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(wider, 0, `${name}: the page is wider than its window`);
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    assert.deepEqual(errors, [], name);
    await page.context().close();
}

const server = await served();
const url = `http://127.0.0.1:${server.address().port}/`;
const flags = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--disable-dev-shm-usage"];
const browser = await chromium.launch({ executablePath, args: [...flags, "--no-sandbox"], headless: true });
try {
    const { page, errors } = await opened(browser, url);
    assert.match(await text(page, "notice"), /^Computed by WebGPU on /);
    console.log(await text(page, "notice"), browser.version());
    await tensors(page);
    await downloads(page);
    await propagation(page, /^By (?!the CPU)/);
    await rates(page, 3);
    await refusals(page);
    await keyboard(page);
    await accessible(page, "with what is refused");
    assert.deepEqual(errors, []);
    await page.context().close();

    // Without WebGPU: the same digests and runs by the CPU reference, and words that say so.
    const without = await opened(browser, url, {
        script: () => Object.defineProperty(Navigator.prototype, "gpu", { value: undefined }),
    });
    assert.match(
        await text(without.page, "notice"),
        /^This browser has no WebGPU\. So everything here is computed by the CPU reference/,
    );
    await fill(without.page, { layout: "torch", ...TENSORS[0] });
    await settled(without.page);
    const command = await text(without.page, "command");
    assert.equal(await text(without.page, "digest"), run(command).toString().split(" ")[0]);
    await propagation(without.page, /^By the CPU reference/);
    assert.deepEqual(without.errors, []);
    await without.page.context().close();

    await mutant(browser, url);
    await pictured(browser, url, "light", { colorScheme: "light" });
    await pictured(browser, url, "dark", { colorScheme: "dark" });
    await pictured(browser, url, "narrow", { colorScheme: "light", viewport: { width: 340, height: 800 } });
    console.log("the page is right");
} finally {
    await browser.close();
    server.close();
}
