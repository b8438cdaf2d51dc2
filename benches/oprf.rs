//! Evaluating blinded identifiers: rival: `voprf` (RFC 9497 without shares), which checks and proves the same; floor: the
//! multiplications in constant time that nobody can leave out.
//!
//! The package chooses AVX2 when it runs. AVX-512 IFMA has to be chosen when it is built, and then serves no other processor:
//! `RUSTFLAGS='--cfg curve25519_dalek_backend="avx512"'`; with it a custodian is 1.8 times as fast.
//!
//! One thread, unless a name says otherwise. A number is for one identifier; batches have 4,096 of them, and whole ones 65,535.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dalek::constants::RISTRETTO_BASEPOINT_POINT;
use dalek::{RistrettoPoint, Scalar};
use rand_core_09::OsRng;
use rayon::ThreadPoolBuilder;
use veilmatch::member::oprf::{Evaluation, Hashed, Request};
use veilmatch::oprf::{Custody, Element, Holder, MAX_BATCH};
use veilmatch::terms::{KeyContext, KindId, Name};
use voprf::{BlindedElement, Ristretto255, VoprfClient, VoprfServer};

const BATCH: usize = 4096;

/// A key of which any two of three holders are enough.
fn among() -> (Custody, [Holder; 3]) {
    let (key, slope) = (Scalar::from(7_777_777u64).invert(), Scalar::from(3_141_592u64).invert());
    let holder = |index: u16| {
        let share = key + Scalar::from(u64::from(index)) * slope;
        Holder::new(index, &mut share.to_bytes()).expect("a share")
    };
    let holders = [1, 2, 3].map(holder);
    let key = Element(RistrettoPoint::mul_base(&key).compress().0);
    let custody = Custody::new(key, 2, holders.iter().map(Holder::public).collect());
    (custody.expect("shares of the key"), holders)
}

fn oprf(criterion: &mut Criterion) {
    ours(criterion, "oprf", BATCH);
    ours(criterion, "oprf, whole batches", MAX_BATCH);
    rivals(criterion, BATCH);
}

fn ours(criterion: &mut Criterion, name_of_group: &str, number: usize) {
    let context = KeyContext::new(Name::new("efc").unwrap(), 1, KindId::new("card.pan/1").unwrap()).unwrap();
    let identifiers: Vec<Hashed> = (0..number).map(|at| Hashed::of(&at.to_be_bytes())).collect();
    let request = || Request::new(&context, identifiers.clone()).unwrap();
    let (custody, [one, two, _]) = among();
    let (asked, name) = (request(), Name::new("custodian").unwrap());
    let answers =
        [(1, one.evaluate(asked.elements()).unwrap()), (2, two.evaluate(asked.elements()).unwrap())];
    let checked = || {
        let checked = answers.iter().map(|(index, (elements, proofs))| {
            let answer = Evaluation { custodian: &name, index: *index, elements, proofs };
            asked.check(&custody, &answer).unwrap()
        });
        checked.collect::<Vec<_>>()
    };

    for threads in [1, 2] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut group = criterion.benchmark_group(name_of_group);
        group.throughput(Throughput::Elements(number as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("custodian: evaluate and prove", threads), |bencher| {
            bencher.iter(|| {
                pool.install(|| assert_eq!(one.evaluate(asked.elements()).unwrap().0, answers[0].1.0))
            });
        });
        group.bench_function(BenchmarkId::new("member: blind", threads), |bencher| {
            bencher.iter(|| pool.install(|| assert_eq!(request().elements().len(), number)));
        });
        group.bench_function(BenchmarkId::new("member: check two answers, unblind", threads), |bencher| {
            bencher.iter(|| {
                pool.install(|| assert_eq!(asked.finish(&custody, &checked()).unwrap().len(), number))
            });
        });
    }
}

fn rivals(criterion: &mut Criterion, number: usize) {
    let mut group = criterion.benchmark_group("oprf");
    group.throughput(Throughput::Elements(number as u64)).sample_size(10);
    let server = VoprfServer::<Ristretto255>::new(&mut OsRng).unwrap();
    let inputs: Vec<[u8; 64]> = (0..number).map(|at| [at as u8; 64]).collect();
    let blind = || inputs.iter().map(|input| VoprfClient::<Ristretto255>::blind(input, &mut OsRng).unwrap());
    let (states, messages): (Vec<_>, Vec<BlindedElement<_>>) =
        blind().map(|blinded| (blinded.state, blinded.message)).unzip();
    group.bench_function(BenchmarkId::new("voprf: server", 1), |bencher| {
        bencher.iter(|| server.batch_blind_evaluate(&mut OsRng, &messages).unwrap().messages.len());
    });
    let answer = server.batch_blind_evaluate(&mut OsRng, &messages).unwrap();
    group.bench_function(BenchmarkId::new("voprf: client, one server", 1), |bencher| {
        bencher.iter(|| {
            let blinded = blind().count();
            let finalized = VoprfClient::batch_finalize(
                &inputs,
                &states,
                &answer.messages,
                &answer.proof,
                server.get_public_key(),
            );
            assert_eq!(finalized.unwrap().filter(Result::is_ok).count(), blinded);
        });
    });
    let scalar = Scalar::from(7_777_777u64).invert();
    group.bench_function(BenchmarkId::new("floor: one multiplication", 1), |bencher| {
        bencher.iter(|| (0..number).fold(RISTRETTO_BASEPOINT_POINT, |point, _| scalar * point));
    });
}

criterion_group!(benches, oprf);
criterion_main!(benches);
