//! No driver may see an inexact product that flows into a sum or another product, or a sum that flows into a sum: that
//! is what it could fuse or reassociate. The composed WGSL of every portable kernel is parsed by naga, and every f32
//! expression is followed through lets, locals and calls.
//!
//! Software adapters never fuse, so that no comparison of bits here would notice a missing barrier; and so each barrier
//! is taken away in turn to show that this test would.

use std::collections::{HashMap, HashSet};

use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{
    BinaryOperator, Block, Expression, Function, Handle, Literal, MathFunction, Module, ScalarKind, Statement,
    TypeInner,
};
use weightinit::plan::Kernel;
use weightinit::plan::Kind;

/// What a value may be the unrounded result of: nothing, a product, a sum, or either.
type Origin = u8;
const PRODUCT: Origin = 1;
const SUM: Origin = 2;

struct Checker<'a> {
    module: &'a Module,
    info: &'a ModuleInfo,
    /// Functions that were checked, by their arguments' origins.
    returns: HashMap<(Handle<Function>, Vec<Origin>), Origin>,
    violations: HashSet<String>,
}

/// What is known inside one function.
struct Frame<'a> {
    function: &'a Function,
    float: Vec<bool>,
    arguments: Vec<Origin>,
    expressions: HashMap<Handle<Expression>, Origin>,
    locals: HashMap<Handle<naga::LocalVariable>, Origin>,
    returned: Origin,
}

impl<'a> Checker<'a> {
    fn call(&mut self, handle: Handle<Function>, arguments: Vec<Origin>) -> Origin {
        let key = (handle, arguments);
        if let Some(&known) = self.returns.get(&key) {
            return known;
        }
        let origin = self.function(&self.module.functions[handle], &self.info[handle], key.1.clone());
        self.returns.insert(key, origin);
        origin
    }

    fn function(&mut self, function: &'a Function, info: &naga::valid::FunctionInfo, arguments: Vec<Origin>) -> Origin {
        let float = function
            .expressions
            .iter()
            .map(|(handle, _)| matches!(kind(info[handle].ty.inner_with(&self.module.types)), Some(ScalarKind::Float)))
            .collect();
        let mut frame =
            Frame { function, float, arguments, expressions: HashMap::new(), locals: HashMap::new(), returned: 0 };
        // Origins only grow, so that this ends; locals may be read before the statement that is walked last.
        loop {
            let before = (frame.expressions.clone(), frame.locals.clone());
            for (handle, expression) in function.expressions.iter() {
                if let Some(origin) = self.expression(&frame, handle, expression) {
                    *frame.expressions.entry(handle).or_default() |= origin;
                }
            }
            self.block(&mut frame, &function.body);
            if before == (frame.expressions.clone(), frame.locals.clone()) {
                return frame.returned;
            }
        }
    }

    fn expression(&mut self, frame: &Frame<'_>, handle: Handle<Expression>, expression: &Expression) -> Option<Origin> {
        let of = |handle: &Handle<Expression>| frame.expressions.get(handle).copied().unwrap_or(0);
        let name = frame.function.name.as_deref().unwrap_or("the entry point");
        // Corrected to the exact integer, whatever the last bits of its divisions are: src/arithmetic/unit/slice.rs.
        if name == "quotient" {
            return None;
        }
        match expression {
            Expression::FunctionArgument(index) => frame.arguments.get(*index as usize).copied(),
            Expression::Load { pointer } => Some(of(pointer)),
            Expression::LocalVariable(local) => frame.locals.get(local).copied(),
            Expression::Compose { components, .. } => Some(components.iter().map(of).fold(0, |a, b| a | b)),
            Expression::Access { base, .. }
            | Expression::AccessIndex { base, .. }
            | Expression::Splat { value: base, .. }
            | Expression::Swizzle { vector: base, .. } => Some(of(base)),
            Expression::Unary { expr, .. } => Some(of(expr)),
            Expression::Select { accept, reject, .. } => Some(of(accept) | of(reject)),
            Expression::Math {
                fun: MathFunction::Abs | MathFunction::Min | MathFunction::Max | MathFunction::Clamp,
                arg,
                arg1,
                arg2,
                ..
            } => Some(of(arg) | arg1.as_ref().map_or(0, of) | arg2.as_ref().map_or(0, of)),
            Expression::Math { fun, .. } if frame.float[handle.index()] => {
                self.violations.insert(format!("{name}: built-in {fun:?}"));
                Some(0)
            }
            Expression::Binary { op, left, right } if frame.float[handle.index()] => {
                let (a, b) = (of(left), of(right));
                match op {
                    BinaryOperator::Multiply => {
                        // By a power of two a product is exact: rounding commutes with it.
                        if self.power_of_two(frame, *left) || self.power_of_two(frame, *right) {
                            return Some(a | b);
                        }
                        if (a | b) & PRODUCT != 0 {
                            self.violations.insert(format!("{name}: a product enters a product"));
                        }
                        Some(PRODUCT)
                    }
                    BinaryOperator::Add | BinaryOperator::Subtract => {
                        if a | b != 0 {
                            self.violations.insert(format!("{name}: a product or sum enters a sum"));
                        }
                        Some(SUM)
                    }
                    other => {
                        self.violations.insert(format!("{name}: {other:?} of floats"));
                        Some(0)
                    }
                }
            }
            _ => None,
        }
    }

    fn power_of_two(&self, frame: &Frame<'_>, handle: Handle<Expression>) -> bool {
        let literal = match &frame.function.expressions[handle] {
            Expression::Literal(literal) => Some(literal),
            Expression::Constant(constant) => {
                let constants = &self.module.global_expressions;
                let mut init = &constants[self.module.constants[*constant].init];
                if let Expression::Splat { value, .. } = init {
                    init = &constants[*value];
                }
                match init {
                    Expression::Literal(literal) => Some(literal),
                    _ => None,
                }
            }
            _ => None,
        };
        matches!(literal, Some(Literal::F32(value)) if value.to_bits() & 0x7f_ffff == 0)
    }

    fn block(&mut self, frame: &mut Frame<'a>, block: &Block) {
        for statement in block {
            match statement {
                Statement::Store { pointer, value } => {
                    let origin = frame.expressions.get(value).copied().unwrap_or(0);
                    if let Some(local) = root(frame.function, *pointer) {
                        *frame.locals.entry(local).or_default() |= origin;
                    }
                }
                Statement::Call { function, arguments, result } => {
                    let origins = arguments.iter().map(|a| frame.expressions.get(a).copied().unwrap_or(0)).collect();
                    let origin = self.call(*function, origins);
                    if let Some(result) = result {
                        *frame.expressions.entry(*result).or_default() |= origin;
                    }
                }
                Statement::Return { value: Some(value) } => {
                    frame.returned |= frame.expressions.get(value).copied().unwrap_or(0);
                }
                Statement::Block(block) => self.block(frame, block),
                Statement::If { accept, reject, .. } => {
                    self.block(frame, accept);
                    self.block(frame, reject);
                }
                Statement::Switch { cases, .. } => cases.iter().for_each(|case| self.block(frame, &case.body)),
                Statement::Loop { body, continuing, .. } => {
                    self.block(frame, body);
                    self.block(frame, continuing);
                }
                _ => {}
            }
        }
    }
}

fn kind(inner: &TypeInner) -> Option<ScalarKind> {
    match inner {
        TypeInner::Scalar(scalar) | TypeInner::Vector { scalar, .. } => Some(scalar.kind),
        _ => None,
    }
}

/// The local variable that a pointer leads to.
fn root(function: &Function, pointer: Handle<Expression>) -> Option<Handle<naga::LocalVariable>> {
    match &function.expressions[pointer] {
        Expression::LocalVariable(local) => Some(*local),
        Expression::Access { base, .. } | Expression::AccessIndex { base, .. } => root(function, *base),
        _ => None,
    }
}

/// What a driver could fuse or reassociate in `source`.
fn violations(source: &str) -> HashSet<String> {
    let module =
        naga::front::wgsl::parse_str(source).unwrap_or_else(|error| panic!("{}", error.emit_to_string(source)));
    let info = Validator::new(ValidationFlags::all(), Capabilities::all()).validate(&module).expect("valid WGSL");
    let mut checker = Checker { module: &module, info: &info, returns: HashMap::new(), violations: HashSet::new() };
    let entry = &module.entry_points[0];
    checker.function(&entry.function, info.get_entry_point(0), vec![0; entry.function.arguments.len()]);
    checker.violations
}

fn portable() -> impl Iterator<Item = Kernel> {
    let kernels = Kernel::all().chain(Kernel::updates()).chain(Kernel::slices());
    kernels.filter(|kernel| kernel.kind() != Kind::NormalNative)
}

#[test]
fn nothing_can_be_fused_or_reassociated() {
    let mut checked = 0;
    for kernel in portable() {
        for (int64, immediates) in [(false, false), (true, true)] {
            let kernel = kernel.with_features(int64, immediates);
            let found = violations(&kernel.source());
            assert!(found.is_empty(), "{}: {found:?}", kernel.name());
            checked += 1;
        }
    }
    assert!(checked > 100);
}

/// Every barrier of every law is needed: without any one of them the check fails.
#[test]
fn a_missing_barrier_is_noticed() {
    let mut removed = 0;
    let names =
        ["uniform_f32_centred_bounded", "normal_f32_centred", "quantile_f32_centred_bounded", "constant_f32_blend"];
    for name in names {
        let kernel = Kernel::all().chain(Kernel::updates()).find(|kernel| kernel.name() == name).unwrap();
        let source = kernel.source();
        let barriers = source.match_indices("barrier(").map(|(place, call)| (place, call, "("));
        let halved = source.match_indices("halved(").map(|(place, call)| (place, call, "0.5 * ("));
        for (place, call, instead) in barriers.chain(halved) {
            if source[..place].ends_with("fn ") || source[..place].ends_with('`') {
                continue;
            }
            // Comments speak of it as well.
            let line = source[..place].rsplit('\n').next().unwrap_or_default();
            if line.contains("//") {
                continue;
            }
            let mutated = format!("{}{instead}{}", &source[..place], &source[place + call.len()..]);
            // Some laws do not call `mul_add`, whose barrier is in their text all the same.
            let unused = matches!(kernel.kind(), Kind::Uniform | Kind::Constant) && line.contains("return ");
            if !unused {
                assert!(!violations(&mutated).is_empty(), "{}: {line}{call}", kernel.name());
                removed += 1;
            }
        }
    }
    assert_eq!(removed, 14);
}

/// The check has eyes: the device's own functions are not portable.
#[test]
fn native_arithmetic_is_noticed() {
    let kernel = Kernel::all().find(|kernel| kernel.kind() == Kind::NormalNative).unwrap();
    assert!(violations(&kernel.source()).iter().any(|violation| violation.contains("built-in")));
}
