//! Published addresses of the Monero project and of documentation, and addresses of the bytes 0 to 63.

use crate::outcome::Reason;

use super::{Row, hex, refused, refused_bytes};

pub(super) static ROWS: &[Row] = &[
    hex(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        "1242f18fc61586554095b0799b5c4b6f00cdeb26a93b20540d366932c6001617b75db35109fbba7d5f275fef4b9c49e0cc1c84b219ec6ff652fda54f89f7f63c88",
    ),
    hex(
        "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
        "2a95f965b0c4ff276ad08d06ab69a8c8a1c73a7e7ab89b7e5001df3733cd1c383a85be1dfe95652aba69625405fe5d6af70a77439402765b1a81b8dc7447c07b6f",
    ),
    hex(
        "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK",
        "13eda9fe8dfcdd25d5430ea64229d04f6b41b2e5a1587c29cd499a63eb79d117113076a02b73d130fb904c9e91075fcd16f735c6850dfadb125eb826d96a113f098a125052fe6f3877",
    ),
    hex(
        "49Xgwx3RfyV3ZMEVyrUNuUMzgQ1WHjkWL5T6Xk7QaTszggbtPbRPEkZQau9yACYEmUCHPNrU2MBdnJf4s4xLK5AyLDP5ucd",
        "12d0a42991d6f8640f4aae2bd58e509f7d848a3daea4fce11a9ab57f925eef4ded3f741b80e6c1e28d0098a194d32e0f437428861bc03c8d698f6c3926eecdf2aa",
    ),
    hex(
        "4KEMxkrvHF13ZMEVyrUNuUMzgQ1WHjkWL5T6Xk7QaTszggbtPbRPEkZQau9yACYEmUCHPNrU2MBdnJf4s4xLK5AyVTr66Q8LFefPwwfA1t",
        "13d0a42991d6f8640f4aae2bd58e509f7d848a3daea4fce11a9ab57f925eef4ded3f741b80e6c1e28d0098a194d32e0f437428861bc03c8d698f6c3926eecdf2aa2b1a3c54591708cb",
    ),
    hex(
        "41d7ke5VQnR2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZ89rbBUS",
        "12000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
    ),
    hex(
        "82TG61jL1Cq2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZ8A56Ye5",
        "2a000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
    ),
    hex(
        "4BKnmStz23w2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZBYBPNxvgmph1ptp3xs",
        "13000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f0001020304050607",
    ),
    hex(
        "4BKnmStz23w2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZBYBNsrb5Jrb11aJpJ4",
        "13000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f0000000000000000",
    ),
    hex(
        "41d7FXjswpK1111111111111111111111111111111111111111111111111111111111111111111111111111112KhNi4",
        "1200000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    ),
    hex(
        "4BKnGLZNZ5pjpXCZedGfVQjpXCZedGfVQjpXCZedGfVQjpXCZedGfVQjpXCZedGfVQjpXCZedGfVQjpXCZedGfVQVmzCh57",
        "12ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ),
    hex(
        "monero:44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        "1242f18fc61586554095b0799b5c4b6f00cdeb26a93b20540d366932c6001617b75db35109fbba7d5f275fef4b9c49e0cc1c84b219ec6ff652fda54f89f7f63c88",
    ),
    hex(
        "MONERO:888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H?tx_amount=0.1&recipient_name=a",
        "2a95f965b0c4ff276ad08d06ab69a8c8a1c73a7e7ab89b7e5001df3733cd1c383a85be1dfe95652aba69625405fe5d6af70a77439402765b1a81b8dc7447c07b6f",
    ),
    hex(
        " 4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK\n",
        "13eda9fe8dfcdd25d5430ea64229d04f6b41b2e5a1587c29cd499a63eb79d117113076a02b73d130fb904c9e91075fcd16f735c6850dfadb125eb826d96a113f098a125052fe6f3877",
    ),
    hex(
        "49Xgwx3RfyV3ZMEVyrUNuUMzgQ1WHjkWL5T6Xk7QaTszggbtPbRPEkZQau9yACYEmUCHPNrU2MBdnJf4s4xLK5AyLDP5ucd?",
        "12d0a42991d6f8640f4aae2bd58e509f7d848a3daea4fce11a9ab57f925eef4ded3f741b80e6c1e28d0098a194d32e0f437428861bc03c8d698f6c3926eecdf2aa",
    ),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3B",
        Reason::Checksum,
    ),
    refused(
        "44AFFq5kSiGBoZ4NMDwYNt18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        Reason::Checksum,
    ),
    refused(
        "zzzzzzzzzzzBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        Reason::Checksum,
    ),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVzzzzzzz",
        Reason::Checksum,
    ),
    refused(
        "44affQ5KsIgbOz4nmdWyTn18OBC8aEMs33dblwS3h7OTxFT3xJRPdTqgV7sQsSAbybB98UnBR2vbbeT7F2WFN3rvgqbep3a",
        Reason::BadCharacter,
    ),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP30",
        Reason::BadCharacter,
    ),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3l",
        Reason::BadCharacter,
    ),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3 7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        Reason::BadCharacter,
    ),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3",
        Reason::TooShort,
    ),
    refused("44AFFq5kSiG", Reason::TooShort),
    refused("monero:", Reason::TooShort),
    refused("monero:?tx_amount=1", Reason::TooShort),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A1",
        Reason::MoneroLength,
    ),
    refused(
        "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khP",
        Reason::MoneroLength,
    ),
    refused(
        "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK1",
        Reason::MoneroLength,
    ),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        Reason::MoneroLength,
    ),
    refused(
        "41d7ke5VQnR2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZBYBPNxvgmph1r5uDUa",
        Reason::MoneroLength,
    ),
    refused(
        "82TG61jL1Cq2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZBYBPNxvgmph1uBoR8L",
        Reason::MoneroLength,
    ),
    refused(
        "4BKnmStz23w2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZ8BGAvEq",
        Reason::MoneroLength,
    ),
    refused(
        "9sAfEtjkh9X2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZ8DgTyWM",
        Reason::WrongNetwork,
    ),
    refused(
        "A2sLFhZFJR32BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZBYBPNxvgmph1oQRmkp",
        Reason::WrongNetwork,
    ),
    refused(
        "BYBPNxvgmph2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZ882GJXs",
        Reason::WrongNetwork,
    ),
    refused(
        "51q9qUzT4PX2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZ8BEx4kx",
        Reason::WrongNetwork,
    ),
    refused(
        "5BXprHowff32BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZBYBPNxvgmph1tHG8PX",
        Reason::WrongNetwork,
    ),
    refused(
        "72FE1ApNMbj2BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZ89EXM1n",
        Reason::WrongNetwork,
    ),
    refused(
        "1111W7LcTy72BDNSgrTE9j3X8QQ5Bnbbs4s3SMTX7y416CxUJqrTLW97YsWGEBnhxH8tnYDcX85QRAEhaAzrTSrZ87HEssn",
        Reason::WrongNetwork,
    ),
    refused(
        "bitcoin:44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3R",
        Reason::BadCharacter,
    ),
    refused("16L5yRNPTuciSgXGHqYwn9N6NeoKqopAu", Reason::TooShort),
    refused(
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3\u{421}",
        Reason::NonAscii,
    ),
    refused("", Reason::Empty),
    refused("   ", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused_bytes(b"\xc0\x80", Reason::InvalidUtf8),
];
