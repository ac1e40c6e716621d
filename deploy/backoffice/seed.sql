-- The customers of the demo. C-1001 and C-1003 write Chinese, C-1002 and C-1004 English.
INSERT INTO customers VALUES
    ('C-1001', '李雷'), ('C-1002', 'Ann Lee'), ('C-1003', '韩梅梅'), ('C-1004', 'Tom Baker');
INSERT INTO orders VALUES
    ('20261118-1001', '202611181001', 'C-1001', 'Lumen 耳机', 'Lumen Buds', 39900, 'CNY', 'shipped', '2026-11-26', 'SF1234567890123', '2026-12-20'),
    ('20261122-1002', '202611221002', 'C-1001', 'Lumen 台灯', 'Lumen Lamp', 16900, 'CNY', 'preparing', '2026-11-29', NULL, '2026-12-22'),
    ('20261110-1003', '202611101003', 'C-1001', 'Lumen 手表', 'Lumen Watch', 89900, 'CNY', 'delivered', '2026-11-14', 'SF1234567890456', '2026-12-14'),
    ('20261119-2001', '202611192001', 'C-1002', 'Lumen 路由器', 'Lumen Router', 4999, 'GBP', 'shipped', '2026-11-27', 'YT1234567890123', '2026-12-22'),
    ('20261122-2002', '202611222002', 'C-1002', 'Lumen One 手机', 'Lumen One', 39900, 'GBP', 'preparing', '2026-11-30', NULL, '2026-12-24'),
    ('20261108-2003', '202611082003', 'C-1002', 'Lumen 台灯', 'Lumen Lamp', 2499, 'GBP', 'delivered', '2026-11-12', 'YT1234567890456', '2026-12-12'),
    ('20261001-3001', '202610013001', 'C-1003', '定制相册', 'Custom photo book', 12900, 'CNY', 'delivered', '2026-10-09', NULL, NULL),
    ('20261121-3002', '202611213002', 'C-1003', 'Lumen 耳机', 'Lumen Buds', 39900, 'CNY', 'preparing', '2026-11-28', NULL, '2026-12-21'),
    ('20261120-4001', '202611204001', 'C-1004', 'Lumen 手表', 'Lumen Watch', 9900, 'GBP', 'cancelled', '2026-11-27', NULL, '2026-12-20');
INSERT INTO accounts VALUES
    ('6217000012344821', 'C-1001', 865000, 'CNY'),
    ('GB33BUKB20201555555555', 'C-1002', 215000, 'GBP'),
    ('6217000099990003', 'C-1003', 12000, 'CNY'),
    ('GB94BARC10201530093459', 'C-1004', 50000, 'GBP');
INSERT INTO plans VALUES
    ('plan-light', '轻享套餐', 'Light plan', '10 GB', 3900, 'CNY'),
    ('plan-family', '家庭套餐', 'Family plan', '60 GB', 12900, 'CNY'),
    ('plan-unlimited', '畅享套餐', 'Unlimited plan', '200 GB', 19900, 'CNY'),
    ('plan-fibre-300', '300M 宽带', 'Fibre 300', '300 Mbit/s', 9900, 'CNY'),
    ('plan-fibre-1000', '千兆宽带', 'Fibre 1000', '1000 Mbit/s', 15900, 'CNY');
INSERT INTO contracts VALUES
    ('C-1001', 'plan-light', '7.4 GB', '2026-11-30', NULL),
    ('C-1002', 'plan-family', '22.1 GB', '2026-11-30', NULL),
    ('C-1004', 'plan-light', '9.8 GB', '2026-11-30', NULL);
