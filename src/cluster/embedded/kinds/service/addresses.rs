//! Cluster addresses and node ports of Services: reserved before the write, kept by it.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::families::{decide, family_of, texts};
use super::ports::NodePorts;
use super::range::Range;
use crate::cluster::embedded::kinds::json::{is_blank, text};
use crate::cluster::embedded::status::Cause;
use crate::net::Cidr;

/// The cluster addresses and node ports of one control plane.
#[derive(Debug, Clone)]
pub struct ServiceAddresses {
    configured: Vec<&'static str>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    ranges: Vec<Range>,
    ports: NodePorts,
}

/// What a write has taken; given back on drop unless the write was made.
#[derive(Debug)]
#[must_use = "dropping a reservation gives everything back"]
pub struct Reservation {
    pool: ServiceAddresses,
    addresses: Vec<IpAddr>,
    ports: Vec<u16>,
}

impl Reservation {
    /// The write was made.
    pub fn keep(mut self) {
        self.addresses.clear();
        self.ports.clear();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        for address in &self.addresses {
            state.release(*address);
        }
        for port in &self.ports {
            state.ports.release(*port);
        }
    }
}

impl State {
    fn release(&mut self, address: IpAddr) {
        for range in &mut self.ranges {
            range.release(address);
        }
    }
}

impl ServiceAddresses {
    /// Addresses from these ranges; the family of the first is the default.
    pub fn new(ranges: &[Cidr]) -> Self {
        let configured = ranges
            .iter()
            .map(|range| family_of(range.network()))
            .collect();
        let ranges = ranges.iter().copied().map(Range::new).collect();
        let state = State {
            ranges,
            ports: NodePorts::default(),
        };
        Self {
            configured,
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is any range.
    pub fn is_configured(&self) -> bool {
        !self.configured.is_empty()
    }

    /// Completes a Service that is about to be written.
    pub fn assign(
        &self,
        service: &mut Value,
        old: Option<&Value>,
    ) -> Result<Reservation, Vec<Cause>> {
        let mut reservation = Reservation {
            pool: self.clone(),
            addresses: Vec::new(),
            ports: Vec::new(),
        };
        let old_spec = old.and_then(|old| old["spec"].as_object());
        let Some(spec) = service.get_mut("spec").and_then(Value::as_object_mut) else {
            return Ok(reservation);
        };
        if spec.get("type").is_some_and(|kind| kind == "ExternalName") {
            refuse_for_external_name(spec, old_spec)?;
            return Ok(reservation);
        }
        normalize(spec, old_spec)?;
        let families = decide(spec, &self.configured)?;
        if let Some(old_spec) = old_spec {
            check_primary(spec, old_spec, &families)?;
        }
        let headless = texts(spec, "clusterIPs")
            .first()
            .is_some_and(|first| first == "None");
        let mut state = self.lock();
        if !headless && self.is_configured() {
            state.assign_addresses(spec, old_spec, &families, &mut reservation)?;
        }
        state.assign_ports(spec, old_spec, &mut reservation)?;
        drop(state);
        Ok(reservation)
    }

    /// Marks what a stored Service has as taken, when a store is opened.
    pub fn adopt(&self, service: &Value) {
        let mut state = self.lock();
        for address in addresses(service) {
            for range in &mut state.ranges {
                if range.contains(address) {
                    range.take(address);
                }
            }
        }
        for port in node_ports(service) {
            drop(state.ports.take(port));
        }
    }

    /// Gives back what the old state had and the new one has not.
    pub fn settle(&self, old: &Value, new: Option<&Value>) {
        let kept = new.map(addresses).unwrap_or_default();
        let kept_ports = new.map(node_ports).unwrap_or_default();
        let mut state = self.lock();
        for address in addresses(old)
            .into_iter()
            .filter(|address| !kept.contains(address))
        {
            state.release(address);
        }
        for port in node_ports(old)
            .into_iter()
            .filter(|port| !kept_ports.contains(port))
        {
            state.ports.release(port);
        }
    }
}

impl State {
    fn assign_addresses(
        &mut self,
        spec: &mut Map<String, Value>,
        old: Option<&Map<String, Value>>,
        families: &[String],
        reservation: &mut Reservation,
    ) -> Result<(), Vec<Cause>> {
        let had = old.map(|old| texts(old, "clusterIPs")).unwrap_or_default();
        let asked = texts(spec, "clusterIPs");
        let mut result: Vec<String> = Vec::new();
        for (index, family) in families.iter().enumerate() {
            let asked = asked.get(index).filter(|text| !text.is_empty());
            if let Some(known) = asked.filter(|text| had.contains(text)) {
                result.push(known.clone());
                continue;
            }
            let range = self
                .ranges
                .iter_mut()
                .find(|range| family_of(range.net().network()) == family)
                .expect("invariant: families without a range were refused");
            let address = match asked {
                Some(text) => take_asked(range, index, text)?,
                None => range.allocate().ok_or_else(|| range_is_full(range))?,
            };
            reservation.addresses.push(address);
            result.push(asked.cloned().unwrap_or_else(|| address.to_string()));
        }
        if let Some(first) = result.first() {
            spec.insert("clusterIP".into(), first.clone().into());
        }
        spec.insert("clusterIPs".into(), result.into());
        Ok(())
    }

    fn assign_ports(
        &mut self,
        spec: &mut Map<String, Value>,
        old: Option<&Map<String, Value>>,
        reservation: &mut Reservation,
    ) -> Result<(), Vec<Cause>> {
        let service_type = spec.get("type").and_then(Value::as_str).unwrap_or_default();
        let wanted = match service_type {
            "NodePort" => true,
            "LoadBalancer" => spec.get("allocateLoadBalancerNodePorts") != Some(&false.into()),
            _ => false,
        };
        let old_ports = old
            .and_then(|old| old.get("ports"))
            .cloned()
            .unwrap_or_default();
        let Some(ports) = spec.get_mut("ports").and_then(Value::as_array_mut) else {
            return Ok(());
        };
        for (index, port) in ports.iter_mut().enumerate() {
            let same =
                |old: &&Value| old["port"] == port["port"] && old["protocol"] == port["protocol"];
            let had = old_ports.as_array().into_iter().flatten().find(same);
            let had = had.and_then(|old| port_number(&old["nodePort"]));
            let asked = port_number(&port["nodePort"]);
            if asked.is_some() && asked == had {
                continue;
            }
            let number = match (asked, had) {
                (Some(number), _) => {
                    self.ports.take(number).map_err(|why| {
                        let field = format!("spec.ports[{index}].nodePort");
                        vec![Cause::invalid(field, &number.into(), &why)]
                    })?;
                    reservation.ports.push(number);
                    number
                }
                (None, Some(number)) if wanted => number,
                (None, None) if wanted => {
                    let number = self.ports.allocate().ok_or_else(|| {
                        vec![Cause::forbidden("spec.ports", "no node port is free")]
                    })?;
                    reservation.ports.push(number);
                    number
                }
                (None, _) => continue,
            };
            port["nodePort"] = number.into();
        }
        Ok(())
    }
}

fn take_asked(range: &mut Range, index: usize, text: &str) -> Result<IpAddr, Vec<Cause>> {
    let field = format!("spec.clusterIPs[{index}]");
    let refuse = |why: &str| Err(vec![Cause::invalid(field.clone(), &text.into(), why)]);
    let Ok(address) = text.parse::<IpAddr>() else {
        return refuse("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    };
    let net = range.net();
    if !range.contains(address) {
        return refuse(&format!(
            "failed to allocate IP {address}: the provided IP ({address}) is not in the valid \
             range. The range of valid IPs is {net}"
        ));
    }
    if !range.take(address) {
        return refuse(&format!(
            "failed to allocate IP {address}: provided IP is already allocated"
        ));
    }
    Ok(address)
}

fn range_is_full(range: &Range) -> Vec<Cause> {
    let why = format!("failed to allocate an IP: range {} is full", range.net());
    vec![Cause::forbidden("spec.clusterIPs", &why)]
}

/// Brings `clusterIP` and `clusterIPs` together; an update that leaves both out keeps the old ones.
fn normalize(
    spec: &mut Map<String, Value>,
    old: Option<&Map<String, Value>>,
) -> Result<(), Vec<Cause>> {
    let single = spec
        .get("clusterIP")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let mut list = texts(spec, "clusterIPs");
    if let Some(old) = old {
        if single.is_empty() && list.is_empty() {
            list = texts(old, "clusterIPs");
        }
        for member in ["ipFamilyPolicy", "ipFamilies"] {
            if is_blank(spec.get(member))
                && let Some(known) = old.get(member)
            {
                spec.insert(member.to_owned(), known.clone());
            }
        }
        // A step down to one family gives the second address back.
        if spec
            .get("ipFamilyPolicy")
            .is_some_and(|policy| policy == "SingleStack")
            && old
                .get("ipFamilyPolicy")
                .is_some_and(|policy| policy != "SingleStack")
            && spec.get("ipFamilies") == old.get("ipFamilies")
        {
            list.truncate(1);
            let families: Vec<String> = texts(spec, "ipFamilies").into_iter().take(1).collect();
            spec.insert("ipFamilies".into(), families.into());
        }
        if !single.is_empty() && list == texts(old, "clusterIPs") && list.first() != Some(&single) {
            list = vec![single.clone()];
        }
    }
    if list.is_empty() && !single.is_empty() {
        list.push(single.clone());
    }
    if let Some(first) = list.first() {
        if !single.is_empty() && *first != single {
            let why = "first value must match `clusterIP`";
            let value = list.clone().into();
            return Err(vec![Cause::invalid("spec.clusterIPs", &value, why)]);
        }
        spec.insert("clusterIP".into(), first.clone().into());
        spec.insert("clusterIPs".into(), list.into());
    }
    Ok(())
}

/// The first family and address of a Service stay as they are.
fn check_primary(
    spec: &Map<String, Value>,
    old: &Map<String, Value>,
    families: &[String],
) -> Result<(), Vec<Cause>> {
    let mut causes = Vec::new();
    let why = "may not change once set";
    let (was, is) = (texts(old, "clusterIPs"), texts(spec, "clusterIPs"));
    if let Some(first) = was.first()
        && is.first() != Some(first)
    {
        causes.push(Cause::invalid(
            "spec.clusterIPs[0]",
            &is.clone().into(),
            why,
        ));
    }
    let old_families = texts(old, "ipFamilies");
    if let Some(first) = old_families.first()
        && families.first() != Some(first)
    {
        causes.push(Cause::invalid(
            "spec.ipFamilies[0]",
            &families.to_vec().into(),
            why,
        ));
    }
    if causes.is_empty() {
        Ok(())
    } else {
        Err(causes)
    }
}

fn refuse_for_external_name(
    spec: &mut Map<String, Value>,
    old: Option<&Map<String, Value>>,
) -> Result<(), Vec<Cause>> {
    let mut causes = Vec::new();
    for member in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        if is_blank(spec.get(member)) {
            continue;
        }
        if old.is_some_and(|old| old.get(member) == spec.get(member)) {
            spec.shift_remove(member);
            continue;
        }
        let why = "may not be set for ExternalName services";
        causes.push(Cause::forbidden(format!("spec.{member}"), why));
    }
    if causes.is_empty() {
        Ok(())
    } else {
        Err(causes)
    }
}

fn addresses(service: &Value) -> Vec<IpAddr> {
    let spec = service["spec"].as_object();
    let list = spec
        .map(|spec| texts(spec, "clusterIPs"))
        .unwrap_or_default();
    let single = text(service, &["spec", "clusterIP"]).to_owned();
    let all = if list.is_empty() { vec![single] } else { list };
    all.iter().filter_map(|text| text.parse().ok()).collect()
}

fn node_ports(service: &Value) -> Vec<u16> {
    let ports = service["spec"]["ports"].as_array().into_iter().flatten();
    ports
        .filter_map(|port| port_number(&port["nodePort"]))
        .collect()
}

fn port_number(value: &Value) -> Option<u16> {
    value
        .as_u64()
        .and_then(|number| u16::try_from(number).ok())
        .filter(|number| *number != 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pool(ranges: &[&str]) -> ServiceAddresses {
        let ranges: Vec<Cidr> = ranges.iter().map(|range| range.parse().unwrap()).collect();
        ServiceAddresses::new(&ranges)
    }

    fn service(spec: &Value) -> Value {
        json!({ "metadata": { "name": "s" }, "spec": spec })
    }

    fn assigned(pool: &ServiceAddresses, spec: &Value) -> Result<Value, Vec<Cause>> {
        let mut service = service(spec);
        pool.assign(&mut service, None)?.keep();
        Ok(service["spec"].clone())
    }

    #[test]
    fn a_single_stack_ipv6_cluster_gives_one_canonical_ipv6_address() {
        let pool = pool(&["fd10:0:0:1::/112"]);
        let spec = assigned(&pool, &json!({ "type": "ClusterIP" })).unwrap();
        assert_eq!(spec["clusterIP"], "fd10:0:0:1::1");
        assert_eq!(spec["clusterIPs"], json!(["fd10:0:0:1::1"]));
        assert_eq!(spec["ipFamilies"], json!(["IPv6"]));
        assert_eq!(spec["ipFamilyPolicy"], "SingleStack");
    }

    #[test]
    fn a_family_without_a_range_is_refused_by_index() {
        let causes =
            assigned(&pool(&["fd10::/112"]), &json!({ "ipFamilies": ["IPv4"] })).unwrap_err();
        assert_eq!(causes[0].field, "spec.ipFamilies[0]");
        let causes = assigned(
            &pool(&["fd10::/112"]),
            &json!({ "ipFamilyPolicy": "RequireDualStack" }),
        )
        .unwrap_err();
        assert_eq!(causes[0].field, "spec.ipFamilyPolicy");
    }

    #[test]
    fn dual_stack_gives_one_address_per_family_in_the_order_asked_for() {
        let pool = pool(&["fd10::/112", "10.96.0.0/16"]);
        let asked = json!({ "ipFamilyPolicy": "PreferDualStack", "ipFamilies": ["IPv4"] });
        let spec = assigned(&pool, &asked).unwrap();
        assert_eq!(spec["ipFamilies"], json!(["IPv4", "IPv6"]));
        assert_eq!(spec["clusterIPs"], json!(["10.96.0.1", "fd10::1"]));
    }

    #[test]
    fn headless_services_get_families_and_no_address() {
        let pool = pool(&["fd10::/112"]);
        let asked = json!({ "clusterIP": "None", "selector": { "a": "b" } });
        let spec = assigned(&pool, &asked).unwrap();
        assert_eq!(spec["clusterIPs"], json!(["None"]));
        assert_eq!(spec["ipFamilies"], json!(["IPv6"]));
        let without_selector = assigned(&pool, &json!({ "clusterIP": "None" })).unwrap();
        assert_eq!(without_selector["ipFamilies"], json!(["IPv6", "IPv4"]));
        assert_eq!(without_selector["ipFamilyPolicy"], "RequireDualStack");
    }

    #[test]
    fn a_dropped_reservation_gives_the_address_back() {
        let pool = pool(&["fd10::/112"]);
        let mut first = service(&json!({ "clusterIP": "fd10::5" }));
        drop(pool.assign(&mut first, None).unwrap());
        assert!(assigned(&pool, &json!({ "clusterIP": "fd10::5" })).is_ok());
        let causes = assigned(&pool, &json!({ "clusterIP": "fd10::5" })).unwrap_err();
        assert!(
            causes[0].message.contains("already allocated"),
            "{causes:?}"
        );
    }

    #[test]
    fn an_update_keeps_the_address_and_may_not_change_it() {
        let pool = pool(&["fd10::/112"]);
        let old = service(&assigned(&pool, &json!({ "type": "ClusterIP" })).unwrap());
        let mut update = service(&json!({ "type": "ClusterIP" }));
        pool.assign(&mut update, Some(&old)).unwrap().keep();
        assert_eq!(update["spec"]["clusterIP"], old["spec"]["clusterIP"]);
        let mut other = service(&json!({ "type": "ClusterIP", "clusterIP": "fd10::99" }));
        let causes = pool.assign(&mut other, Some(&old)).unwrap_err();
        assert!(causes[0].message.contains("may not change once set"));
    }
}
