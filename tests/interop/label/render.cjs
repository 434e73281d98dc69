// Draws the labels of a JSON list on standard input; a JSON list of PNGs in base64 comes out.
"use strict";

const fs = require("node:fs");

// Node.js 18 has no such global, and the renderer asks for it.
globalThis.crypto ??= require("node:crypto").webcrypto;

async function main() {
    const { ready } = require("zpl-renderer-js");
    const { api } = await ready;
    const drawn = [];
    for (const job of JSON.parse(fs.readFileSync(0, "utf8"))) {
        drawn.push(await api.zplToBase64Async(job.zpl, job.width, job.height, job.dots_per_mm));
    }
    fs.writeFileSync(1, JSON.stringify(drawn));
}

// It never ends by itself: what it is made of waits for more work.
main().then(
    () => process.exit(0),
    (error) => {
        process.stderr.write(String(error && error.message).slice(0, 2000) + "\n");
        process.exit(1);
    },
);
