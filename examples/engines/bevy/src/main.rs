//! weightinit in bevy: a storage buffer of the render world is filled by a system of the render graph, in the encoder
//! that bevy gives it, on bevy's device. Headless: no window is opened.

use bevy_app::{App, TaskPoolPlugin};
use bevy_asset::AssetPlugin;
use bevy_diagnostic::FrameCountPlugin;
use bevy_ecs::prelude::*;
use bevy_image::ImagePlugin;
use bevy_mesh::MeshPlugin;
use bevy_render::renderer::{FlushCommands, RenderContext, RenderDevice, RenderGraph, RenderGraphSystems, RenderQueue};
use bevy_render::{RenderApp, RenderPlugin};
use bevy_time::TimePlugin;
use bevy_transform::TransformPlugin;
use bevy_window::{ExitCondition, WindowPlugin};
use weightinit::gpu::Filler;
use weightinit::{DType, Initializer, Layout, Request, wgpu};

/// Weights in the render world, and what they are to hold.
#[derive(Resource)]
struct Weights {
    filler: Filler,
    request: Request,
    buffer: wgpu::Buffer,
    recorded: u32,
}

/// Records the fill into bevy's encoder, once. bevy submits it with the rest of the frame.
fn fill_weights(mut weights: ResMut<Weights>, mut context: RenderContext) {
    if weights.recorded == 0 {
        let Weights { filler, request, buffer, .. } = &*weights;
        filler.encode(context.command_encoder(), request, buffer.slice(..)).expect("the buffer takes the request");
        weights.recorded += 1;
    }
}

/// Submits what the frame's systems recorded. In a whole bevy, its core pipeline has this system.
fn submit(mut commands: FlushCommands) {
    commands.flush();
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut app = App::new();
    app.add_plugins((
        TaskPoolPlugin::default(),
        FrameCountPlugin,
        TimePlugin,
        TransformPlugin,
        WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..WindowPlugin::default() },
        AssetPlugin::default(),
        ImagePlugin::default(),
        MeshPlugin,
        bevy_camera::CameraPlugin,
        RenderPlugin { synchronous_pipeline_compilation: true, ..RenderPlugin::default() },
    ));
    // bevy opens its device on a task of its own.
    while app.plugins_state() == bevy_app::PluginsState::Adding {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    app.finish();
    app.cleanup();

    let render = app.sub_app_mut(RenderApp);
    let device = render.world().resource::<RenderDevice>().wgpu_device().clone();
    let request = Initializer::he_normal().request("fc.weight", &[1024, 768], Layout::Torch, DType::F32)?.with_seed(42);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("fc.weight"),
        size: request.buffer_size(),
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    let filler = Filler::new(&device)?;
    render.insert_resource(Weights { filler, request, buffer, recorded: 0 });
    let record = fill_weights.in_set(RenderGraphSystems::Render);
    render.add_systems(RenderGraph, (record, submit.in_set(RenderGraphSystems::Submit)));

    for _ in 0..3 {
        app.update();
    }

    let world = app.sub_app(RenderApp).world();
    let (weights, queue) = (world.resource::<Weights>(), world.resource::<RenderQueue>());
    let info = device.adapter_info();
    println!("bevy_render on {}", weightinit::gpu::describe(&info));
    assert_eq!(weights.recorded, 1, "the render graph ran");
    let report = weights.filler.check_against_cpu(queue, &weights.request, weights.buffer.slice(..))?;
    println!("weights filled inside bevy's frame: {report}");
    Ok(())
}
