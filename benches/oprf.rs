//! Evaluating blinded identifiers: rival: `voprf` (RFC 9497 without shares), which checks and proves the same; floor: the
//! multiplications in constant time that nobody can leave out.
//!
//! One thread, unless a name says otherwise. A number is for one identifier; batches have 4,096 of them.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dalek::constants::RISTRETTO_BASEPOINT_POINT;
use dalek::{RistrettoPoint, Scalar};
use rand_core_09::OsRng;
use rayon::ThreadPoolBuilder;
use veilmatch::member::oprf::{Evaluation, Hashed, Oblivious};
use veilmatch::oprf::{Element, Holder};
use veilmatch::terms::{KeyContext, KindId, Name};
use voprf::{BlindedElement, Ristretto255, VoprfClient, VoprfServer};
use zeroize::Zeroizing;

const BATCH: usize = 4096;

/// Shares of a key on a line: any two holders are enough.
fn holders() -> [Holder; 3] {
    let (key, slope) = (Scalar::from(7_777_777u64).invert(), Scalar::from(3_141_592u64).invert());
    [1u16, 2, 3].map(|index| {
        let share = key + Scalar::from(u64::from(index)) * slope;
        Holder::new(index, &mut Zeroizing::new(share.to_bytes())).expect("a share")
    })
}

fn oprf(criterion: &mut Criterion) {
    let context = KeyContext::new(Name::new("efc").unwrap(), 1, KindId::new("card.pan/1").unwrap()).unwrap();
    let oblivious = Oblivious::new(&context);
    let identifiers: Vec<Hashed> = (0..BATCH).map(|number| Hashed::of(&number.to_be_bytes())).collect();
    let (blinded, _) = oblivious.blind(&identifiers).unwrap();
    let [one, two, _] = holders();
    let answers = [one.evaluate(&blinded).unwrap(), two.evaluate(&blinded).unwrap()];
    let key = Element(RistrettoPoint::mul_base(&Scalar::from(7_777_777u64).invert()).compress().0);
    let name = Name::new("custodian").unwrap();

    for threads in [1, 2] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut group = criterion.benchmark_group("oprf");
        group.throughput(Throughput::Elements(BATCH as u64)).sample_size(10);
        group.bench_function(BenchmarkId::new("custodian: evaluate and prove", threads), |bencher| {
            bencher.iter(|| pool.install(|| assert_eq!(one.evaluate(&blinded).unwrap().0, answers[0].0)));
        });
        group.bench_function(BenchmarkId::new("member: blind", threads), |bencher| {
            bencher.iter(|| pool.install(|| oblivious.blind(&identifiers).unwrap().0.len()));
        });
        group.bench_function(
            BenchmarkId::new("member: blind, check two proofs, unblind", threads),
            |bencher| {
                bencher.iter(|| {
                    pool.install(|| {
                        let (_, blinds) = oblivious.blind(&identifiers).unwrap();
                        // Other blinds than those of the request: the time is the same, and evaluating is not in it.
                        let answers =
                            [&one, &two].into_iter().zip(&answers).map(|(holder, (elements, proofs))| {
                                Evaluation { custodian: &name, share: holder.public(), elements, proofs }
                            });
                        let answers: Vec<Evaluation<'_>> = answers.collect();
                        oblivious.unblind(&identifiers, &blinded, blinds, &key, &answers).unwrap().len()
                    })
                });
            },
        );
    }
    rivals(criterion, &identifiers.len());
}

fn rivals(criterion: &mut Criterion, number: &usize) {
    let mut group = criterion.benchmark_group("oprf");
    group.throughput(Throughput::Elements(*number as u64)).sample_size(10);
    let server = VoprfServer::<Ristretto255>::new(&mut OsRng).unwrap();
    let inputs: Vec<[u8; 64]> = (0..*number).map(|at| [at as u8; 64]).collect();
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
        bencher.iter(|| (0..*number).fold(RISTRETTO_BASEPOINT_POINT, |point, _| scalar * point));
    });
}

criterion_group!(benches, oprf);
criterion_main!(benches);
