//! The service at work: a few new devices a minute for as long as the sandbox runs.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::Issuer;
use super::inventory::Inventory;
use crate::authorities::Authority;
use crate::fleet::{self, Device};
use crate::state::StateFile;

/// Issues to newcomers until `stop`. A device that is being served then is served to the end: a certificate
/// without its inventory item would be trouble that nobody planted.
pub(crate) async fn serve(
    issuer: Issuer,
    inventory: Inventory,
    authorities: Vec<Authority>,
    state: StateFile,
    per_minute: u32,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let seed = state.get().seed;
    let Some(every) = Duration::from_secs(60).checked_div(per_minute) else {
        stop.cancelled().await;
        return Ok(());
    };
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = ticks.tick() => {}
        }
        // Counted before it is used: after a crash a number is skipped, never given twice.
        let device = fleet::newcomer(seed, state.take_device_number()?);
        if let Err(error) = provision(&issuer, &inventory, &authorities, &device).await {
            tracing::warn!(device = device.id, "provisioning failed: {error:#}");
        }
    }
}

async fn provision(
    issuer: &Issuer,
    inventory: &Inventory,
    authorities: &[Authority],
    device: &Device,
) -> anyhow::Result<()> {
    let authority = &authorities[device.authority];
    let requested = issuer.request(device, authority).await?;
    let certificate = issuer.collect(requested, authority).await?;
    inventory.record(device, authority, &certificate).await?;
    tracing::info!(device = device.id, serial = certificate.serial, "issued");
    Ok(())
}
