// The form: what can be chosen comes from the library, and what is wrong is said beside its field.

export const element = (id) => document.getElementById(id);

/** Fills the lists, and calls `changed` after every change. */
export class Form {
    constructor(choices, changed) {
        this.choices = choices;
        const names = (list) => list.map((entry) => entry.name ?? entry);
        const { initializers: init, layouts: layout, dtypes: dtype, activations: activation } = choices;
        for (const [id, list] of Object.entries({ init, layout, dtype, activation })) {
            element(id).replaceChildren(...names(list).map((name) => new Option(name, name)));
        }
        element("init").value = "he_normal";
        element("layout").value = "torch";
        element("activation").value = "relu";
        element("init").addEventListener("change", () => this.#describe());
        element("activation").addEventListener("change", () => this.#describeGain());
        element("take-gain").addEventListener("click", () => this.#takeGain());
        for (const kind of ["input", "change"]) element("form").addEventListener(kind, changed);
        element("form").addEventListener("submit", (event) => event.preventDefault());
        this.changed = changed;
        this.#describe();
    }

    /** The initializer that is chosen, as the library lists it. */
    get entry() {
        return this.choices.initializers.find(({ name }) => name === element("init").value);
    }

    /** The initializer's parameters as JSON. */
    get parameters() {
        return JSON.stringify(Object.fromEntries(this.#inputs().map((input) => [input.name, input.value])));
    }

    value(id) {
        return element(id).value;
    }

    /** Puts what the library refuses beside the fields: its lines are `field: reason`. Null is nothing. */
    static refuse(fields, error) {
        const wrong = new Map();
        for (const line of error ? error.message.split("\n") : []) {
            const field = fields.find((name) => line.startsWith(`${name}: `));
            const key = field ?? fields[0];
            wrong.set(key, field ? line.slice(field.length + 2) : line);
        }
        for (const field of fields) {
            element(`${field}-error`).textContent = wrong.get(field) ?? "";
            if (wrong.has(field)) element(field).setAttribute("aria-invalid", "true");
            else element(field).removeAttribute("aria-invalid");
        }
    }

    #inputs() {
        return [...element("parameters").querySelectorAll("input")];
    }

    #describe() {
        const { summary, source, parameters } = this.entry;
        element("init-hint").textContent = `${summary} (${source})`;
        const fields = parameters.map(({ name, default: value }) => {
            const field = document.createElement("div");
            field.className = "field";
            const label = document.createElement("label");
            label.htmlFor = `parameter-${name}`;
            label.textContent = name;
            const input = document.createElement("input");
            Object.assign(input, {
                id: `parameter-${name}`,
                name,
                placeholder: value || "not given",
                spellcheck: false,
            });
            field.append(label, input);
            return field;
        });
        element("parameters").hidden = fields.length === 0;
        element("parameters")
            .querySelector(".fields")
            .replaceChildren(...fields);
        element("dtype").disabled = this.entry.name === "bits";
        this.#describeGain();
    }

    #activation() {
        return this.choices.activations.find(({ name }) => name === element("activation").value);
    }

    /** The parameter that a gain goes to, and what is written there. */
    #gain() {
        const { name, gain } = this.#activation();
        const known = this.entry.parameters.map((parameter) => parameter.name);
        if (gain === null) return null;
        if (known.includes("nonlinearity")) return ["nonlinearity", name];
        return known.includes("gain") ? ["gain", String(gain)] : null;
    }

    #describeGain() {
        const { name, gain } = this.#activation();
        const is = () => `PyTorch’s gain for ${name} is ${Number(gain.toPrecision(6))}.`;
        element("activation-hint").textContent = gain === null ? `PyTorch has no gain for ${name}.` : is();
        element("take-gain").disabled = this.#gain() === null;
    }

    #takeGain() {
        const [name, value] = this.#gain();
        element(`parameter-${name}`).value = value;
        if (name === "nonlinearity" && value === "leaky_relu") element("parameter-a").value = "0.01";
        this.changed();
    }
}

/** Says in `id` that a text is copied, or selects it where the browser does not let us. */
export async function copy(from, id) {
    try {
        await navigator.clipboard.writeText(element(from).textContent);
        element(id).textContent = "Copied.";
    } catch {
        getSelection().selectAllChildren(element(from));
        element(id).textContent = "Selected; copy it with your keyboard.";
    }
}
