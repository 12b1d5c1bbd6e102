//! Objects made by the generators of `kubectl create`, which send protobuf.

use super::setup::{Setup, words};

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_creates_with_its_generators() {
    let Some(kubectl) = Setup::start("generators").await else {
        return;
    };
    for (args, answer) in [
        (&["create", "namespace", "dev"][..], "namespace/dev created"),
        (
            &[
                "-n",
                "dev",
                "create",
                "configmap",
                "c",
                "--from-literal=k=v",
            ],
            "configmap/c created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "secret",
                "generic",
                "s",
                "--from-literal=p=q",
            ],
            "secret/s created",
        ),
        (
            &["-n", "dev", "create", "serviceaccount", "bot"],
            "serviceaccount/bot created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "role",
                "r",
                "--verb=get,list",
                "--resource=configmaps",
            ],
            "role.rbac.authorization.k8s.io/r created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "rolebinding",
                "b",
                "--role=r",
                "--serviceaccount=dev:bot",
            ],
            "rolebinding.rbac.authorization.k8s.io/b created",
        ),
        (
            &[
                "create",
                "clusterrole",
                "cr",
                "--verb=get",
                "--resource=nodes",
            ],
            "clusterrole.rbac.authorization.k8s.io/cr created",
        ),
        (
            &[
                "create",
                "clusterrolebinding",
                "crb",
                "--clusterrole=cr",
                "--group=ops",
            ],
            "clusterrolebinding.rbac.authorization.k8s.io/crb created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "deployment",
                "web",
                "--image=example.test/web:1",
                "--replicas=2",
            ],
            "deployment.apps/web created",
        ),
        (
            &[
                "-n",
                "dev",
                "create",
                "service",
                "clusterip",
                "web",
                "--tcp=80:8080",
            ],
            "service/web created",
        ),
    ] {
        assert_eq!(kubectl.run(args).await.trim(), answer);
    }
    let token = kubectl.run(&["-n", "dev", "create", "token", "bot"]).await;
    assert_eq!(token.trim().split('.').count(), 3, "{token}");

    let secret = kubectl
        .run(&[
            "-n",
            "dev",
            "get",
            "secret",
            "s",
            "-o",
            "jsonpath={.data.p}",
        ])
        .await;
    assert_eq!(secret.trim(), "cQ==");
    let deployment = kubectl
        .run(&["-n", "dev", "get", "deployment", "web"])
        .await;
    assert_eq!(
        words(deployment.lines().nth(1).expect("a row"))[..2],
        ["web", "0/2"]
    );
    let service = kubectl.run(&["-n", "dev", "get", "service", "web"]).await;
    let row = words(service.lines().nth(1).expect("a row"));
    assert!(row[2].starts_with("fd00:10:96:"), "{service}");
    assert_eq!(row[4], "80/TCP", "{service}");
    let binding = kubectl
        .run(&["-n", "dev", "get", "rolebinding", "b", "-o", "wide"])
        .await;
    assert!(
        binding.contains("Role/r") && binding.contains("dev/bot"),
        "{binding}"
    );
    let described = kubectl.run(&["describe", "namespace", "dev"]).await;
    assert!(described.contains("Active"), "{described}");

    let asked = [
        "-n",
        "dev",
        "auth",
        "can-i",
        "list",
        "configmaps",
        "--as=system:serviceaccount:dev:bot",
    ];
    assert_eq!(kubectl.run(&asked).await.trim(), "yes");
    let asked = [
        "-n",
        "dev",
        "auth",
        "can-i",
        "list",
        "secrets",
        "--as=system:serviceaccount:dev:bot",
    ];
    assert_eq!(kubectl.call(&asked, "").await.out.trim(), "no");
    kubectl.control_plane.shutdown().await;
}
