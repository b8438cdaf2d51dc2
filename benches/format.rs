//! Files: writing and validating a set in memory, verifying one on disk. Floor: SHA-256 of the same bytes in one go;
//! and what chunks of other sizes would cost, which chose `CHUNK_RECORDS`.

mod support;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ring::digest::{SHA256, digest};
use veilmatch::{SetFile, TokenSet};

const TOKENS: u64 = 500_000;

fn files(criterion: &mut Criterion) {
    let set = support::set("bank", 0..TOKENS);
    let mut file = Vec::new();
    set.write_to(&mut file).expect("memory");
    let mut group = criterion.benchmark_group("format");
    group.throughput(Throughput::Elements(TOKENS)).sample_size(10);
    group.bench_function("write", |bencher| {
        // A set whose digests are known already would only be copied.
        let fresh =
            || TokenSet::from_tokens(set.terms().clone(), set.member().clone(), set.tokens().to_vec());
        let write = |set: TokenSet| {
            let mut again = Vec::with_capacity(file.len());
            set.write_to(&mut again).expect("memory");
            assert_eq!(again.len(), file.len());
        };
        bencher.iter_batched(fresh, write, BatchSize::LargeInput);
    });
    group.bench_function("read and validate", |bencher| {
        bencher.iter(|| assert_eq!(TokenSet::from_file_bytes(&file).expect("valid").len(), set.len()));
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("bank.vms");
    std::fs::write(&path, &file).expect("room");
    let on_disk = SetFile::open(&path).expect("valid");
    group.bench_function("verify on disk, all threads", |bencher| {
        bencher.iter(|| on_disk.verify().expect("valid"));
    });
    group.bench_function("floor: SHA-256 in one go, one thread", |bencher| {
        bencher.iter(|| black_box(digest(&SHA256, &file)));
    });
    for kib in [1, 4, 16, 64] {
        group.bench_function(format!("SHA-256 in chunks of {kib} KiB, one thread"), |bencher| {
            bencher.iter(|| {
                file.chunks(kib << 10).for_each(|chunk| {
                    black_box(digest(&SHA256, chunk));
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, files);
criterion_main!(benches);
