//! Fans, gains and scales as the frameworks compute them (`tests/data/fans-*.json` were written by Keras and PyTorch).

use serde_json::Value;
use weightinit::init::{Arguments, Value as Argument, by_name};
use weightinit::init::{Distribution, Fans, Mode, Nonlinearity};
use weightinit::{DType, Error, Initializer, Law, Layout, cpu};

fn check_fans(text: &str, layout: Layout) -> Value {
    let golden: Value = serde_json::from_str(text).unwrap();
    let fans = golden["fans"].as_array().unwrap();
    for entry in fans {
        let shape: Vec<u64> = entry["shape"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap()).collect();
        let expected = Fans { fan_in: entry["fan_in"].as_u64().unwrap(), fan_out: entry["fan_out"].as_u64().unwrap() };
        assert_eq!(layout.fans(&shape, 1), Ok(expected), "{shape:?}");
    }
    assert_eq!(fans.len(), 7);
    golden
}

#[test]
fn fans_are_those_of_keras() {
    check_fans(include_str!("data/fans-keras.json"), Layout::Keras);
    assert_eq!(Layout::Keras.fans(&[], 1), Ok(Fans { fan_in: 1, fan_out: 1 }));
}

#[test]
fn fans_and_gains_are_those_of_pytorch() {
    let golden = check_fans(include_str!("data/fans-torch.json"), Layout::Torch);
    let gains = golden["gains"].as_object().unwrap();
    for (name, gain) in gains {
        let (name, a) = name.strip_suffix(')').and_then(|call| call.split_once('(')).unwrap_or((name, "0"));
        let nonlinearity = Nonlinearity::parse(name, a.parse().unwrap()).unwrap();
        assert_eq!(nonlinearity.gain(), gain.as_f64().unwrap(), "{name}");
    }
    assert_eq!(gains.len(), 12);
}

#[test]
fn shapes_without_fans_are_refused() {
    for shape in [&[][..], &[5]] {
        let refused = Layout::Torch.fans(shape, 1).unwrap_err();
        assert!(matches!(refused, Error::NoFans { .. }), "{refused}");
    }
    assert!(matches!(Layout::Torch.fans(&[0, 4], 1), Err(Error::ZeroFan { fan: "fan_out", .. })));
    assert!(matches!(Layout::Keras.fans(&[4, 1 << 60, 1 << 62], 1), Err(Error::TooManyElements { .. })));
}

#[test]
fn groups_divide_the_outputs_that_an_input_reaches() {
    // A depthwise 3 × 3 convolution of 32 channels: each input reaches 9 weights, not 288.
    assert_eq!(Layout::Torch.fans(&[32, 1, 3, 3], 32), Ok(Fans { fan_in: 9, fan_out: 9 }));
    assert_eq!(Layout::Keras.fans(&[3, 3, 1, 32], 32), Ok(Fans { fan_in: 9, fan_out: 9 }));
    let refused = Layout::Torch.fans(&[32, 1, 3, 3], 5).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "5 groups do not divide the 32 channels of shape [32, 1, 3, 3]; give a divisor of 32"
    );
    let grouped = Initializer::kaiming_normal(Mode::FanOut, Nonlinearity::Relu).with_groups(32);
    assert_eq!(grouped.law(&[32, 1, 3, 3], Layout::Torch), Ok(Law::normal(0.0, 2f64.sqrt() / 3.0)));
}

/// The fans that frameworks exchange or inflate.
#[test]
fn layouts_that_frameworks_get_wrong_are_right() {
    let fans = |fan_in, fan_out| Ok(Fans { fan_in, fan_out });
    // A transposed 4 × 4 convolution from 64 to 32 channels: each output sums over 64 · 16 products.
    assert_eq!(Layout::TorchTransposed.fans(&[64, 32, 4, 4], 1), fans(64 * 16, 32 * 16));
    assert_eq!(Layout::KerasTransposed.fans(&[4, 4, 32, 64], 1), fans(64 * 16, 32 * 16));
    // In 4 groups, PyTorch stores (64, 32/4, 4, 4).
    assert_eq!(Layout::TorchTransposed.fans(&[64, 8, 4, 4], 4), fans(16 * 16, 8 * 16));
    // Depthwise, 32 channels, multiplier 2.
    assert_eq!(Layout::KerasDepthwise.fans(&[3, 3, 32, 2], 1), fans(9, 18));
    // Fused query, key and value of 768 features: each part has 768 outputs.
    assert_eq!(Layout::Torch.fans(&[3 * 768, 768], 3), fans(768, 768));
    assert_eq!(Layout::Keras.fans(&[768, 3 * 768], 3), fans(768, 768));
}

/// `jax.nn.initializers.variance_scaling` with in_axis, out_axis and batch_axis.
#[test]
fn axes_are_those_of_jax() {
    let fans = |layout: &str, shape: &[u64]| layout.parse::<Layout>().unwrap().fans(shape, 1);
    assert_eq!(fans("in=-2,out=-1", &[3, 3, 16, 32]), Layout::Keras.fans(&[3, 3, 16, 32], 1));
    assert_eq!(fans("in=1,out=0", &[32, 16, 3, 3]), Layout::Torch.fans(&[32, 16, 3, 3], 1));
    assert_eq!(fans("in=-2,out=-1,batch=0", &[8, 3, 256, 1024]), Ok(Fans { fan_in: 768, fan_out: 3072 }));
    assert_eq!(fans("in=0,out=1+2", &[512, 8, 64]), Ok(Fans { fan_in: 512, fan_out: 512 }));
    let refused = fans("in=0,out=3", &[4, 4]).unwrap_err().to_string();
    assert!(refused.contains("in layout axes: its axes must be ones that the shape has"), "{refused}");
    for axes in ["in=1,out=1+1", "in=0,out=0", "in=-2,out=1,batch=0"] {
        let refused = fans(axes, &[4, 4]).unwrap_err().to_string();
        let expected =
            format!("layout {axes} names an axis of shape [4, 4] twice; name each axis once, as in=0,out=1 does");
        assert_eq!(refused, expected);
    }
    assert!(matches!(fans("in=0,out=2", &[4, 4]), Err(Error::NoFans { .. })));
    for wrong in ["in=0", "in=a,out=1", "in=0,out=1,depth=2", "in=0,out=1+2+3+4+5", "", "Keras"] {
        assert!(wrong.parse::<Layout>().is_err_and(|error| error.kind == "layout"), "{wrong}");
    }
    let layout: Layout = "in=0,out=1+2,batch=-1".parse().unwrap();
    assert_eq!(layout.to_string(), "in=0,out=1+2,batch=-1");
}

/// The bounds of the papers' formulas, for a 64 × 48 matrix of 48 inputs and 64 outputs.
#[test]
fn scales_follow_the_formulas() {
    let law = |name: &str| by_name(name).unwrap().initializer(&Arguments::new()).unwrap().law(&[64, 48], Layout::Torch);
    let uniform = |b: f64| Ok(Law::uniform(-b, b));
    assert_eq!(law("glorot_uniform"), uniform((3.0f64 * (1.0 / 56.0)).sqrt()));
    assert_eq!(law("he_uniform"), uniform((3.0f64 * (2.0 / 48.0)).sqrt()));
    assert_eq!(law("lecun_uniform"), uniform((3.0f64 * (1.0 / 48.0)).sqrt()));
    assert_eq!(law("xavier_uniform"), uniform(3f64.sqrt() * (2.0f64 / 112.0).sqrt()));
    assert_eq!(law("kaiming_uniform"), uniform(3f64.sqrt() * (2f64.sqrt() / 48f64.sqrt())));
    assert_eq!(law("xavier_normal"), Ok(Law::normal(0.0, (2.0f64 / 112.0).sqrt())));
    assert_eq!(law("kaiming_normal"), Ok(Law::normal(0.0, 2f64.sqrt() / 48f64.sqrt())));

    // What is left after truncation is the standard deviation asked for.
    for (name, variance) in [("glorot_normal", 2.0 / 112.0), ("he_normal", 2.0 / 48.0), ("lecun_normal", 1.0 / 48.0)] {
        let law = law(name).unwrap();
        let Law::Tabulated { std, low, high, .. } = law else { panic!("{name} is truncated") };
        assert_eq!(std, f64::sqrt(variance) / 0.87962566103423978);
        assert_eq!((low, high), (-2.0 * std, 2.0 * std));
        assert!((law.moments().variance / variance - 1.0).abs() < 1e-6);
    }
}

/// torch.nn.Linear's own default, by the names and parameters that PyTorch's source uses.
#[test]
fn parameters_mean_what_the_frameworks_mean() {
    let arguments = Arguments::from([("a".to_owned(), Argument::Number(5f64.sqrt()))]);
    let linear = by_name("kaiming_uniform").unwrap().initializer(&arguments).unwrap();
    let Law::Uniform { high, .. } = linear.law(&[10, 2048], Layout::Torch).unwrap() else { panic!("uniform") };
    assert!((high - 1.0 / 2048f64.sqrt()).abs() < 1e-15);

    let text = |text: &str| Argument::Text(text.to_owned());
    let arguments = Arguments::from([
        ("mode".to_owned(), text("fan_out")),
        ("scale".to_owned(), Argument::Number(0.5)),
        ("distribution".to_owned(), text("untruncated_normal")),
    ]);
    let scaling = by_name("variance_scaling").unwrap().initializer(&arguments).unwrap();
    assert_eq!(scaling, Initializer::variance_scaling(0.5, Mode::FanOut, Distribution::Normal));
    assert_eq!(scaling.law(&[8, 50], Layout::Keras), Ok(Law::normal(0.0, 0.1)));
}

#[test]
fn names_and_parameters_are_checked() {
    let error = |name: &str, arguments: &[(&str, Argument)]| {
        let arguments = arguments.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        by_name(name).and_then(|entry| entry.initializer(&arguments)).unwrap_err().to_string()
    };
    assert!(
        error("he_norm", &[]).starts_with("unknown initializer 'he_norm'; expected one of: zeros, ones, constant,")
    );
    assert_eq!(
        error("normal", &[("sigma", Argument::Number(1.0))]),
        "initializer normal has no parameter 'sigma'; it takes mean, std"
    );
    assert_eq!(
        error("zeros", &[("x", Argument::Number(1.0))]),
        "initializer zeros has no parameter 'x'; it takes none"
    );
    assert_eq!(error("constant", &[]), "initializer constant needs parameter 'value'; give value = <number>");
    assert_eq!(
        error("uniform", &[("low", Argument::Text("a".to_owned()))]),
        "parameter 'low' of uniform is 'a'; expected a number"
    );
    assert_eq!(
        error("kaiming_normal", &[("mode", Argument::Text("fan".to_owned()))]),
        "unknown mode 'fan'; expected one of: fan_in, fan_out, fan_avg"
    );
    assert!(
        error("kaiming_normal", &[("nonlinearity", Argument::Text("gelu".to_owned()))])
            .starts_with("unknown nonlinearity 'gelu'")
    );
}

/// A whole tensor from its initializer, with the range of its law.
#[test]
fn initializers_make_fills() {
    let fill = Initializer::glorot_uniform().request(0, &[64, 48], Layout::Torch, DType::BF16).unwrap().with_seed(7);
    let bound = (6.0f64 / 112.0).sqrt();
    let values = cpu::values(&fill).unwrap();
    assert_eq!(values.len(), 3072);
    assert!(values.iter().all(|x| x.abs() < bound));
    assert!(values.iter().any(|x| x.abs() > 0.99 * bound));
}
